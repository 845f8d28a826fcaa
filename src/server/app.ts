import type { IncomingMessage } from 'node:http'
import type { GraphQLSchema } from 'graphql'
import { createYoga, type Plugin, useReadinessCheck, type YogaServerInstance } from 'graphql-yoga'
import { type AuthX, createAuthX } from '../authx.ts'
import type { Attempts } from '../core/attempts.ts'
import type { AuditHooks } from '../core/audit.ts'
import type { KeyOptions } from '../core/keys.ts'
import type { CookieOptions } from '../core/location-settings.ts'
import type { Logger } from '../core/logger.ts'
import type { Store } from '../core/store.ts'
import { useAuthX } from '../graphql/adapters/yoga.ts'
import { AccountDesk } from './account-desk.ts'
import { Accounts } from './accounts.ts'
import { auditLog } from './audit-log.ts'
import type { SourceContext } from './context.ts'
import { createLimits } from './extension.ts'
import { graphiqlOptions } from './graphiql.ts'
import { type Pino, yogaLogger } from './logging.ts'
import { LoginLimits } from './login-limits.ts'
import { Logins } from './logins.ts'
import type { StartOptions } from './options.ts'
import { PasswordCheck } from './passwords.ts'
import { useRequestLimits } from './request-limits.ts'
import { createSchema } from './schema.ts'
import { SessionEvents } from './session-events.ts'
import type { ServerSettings } from './settings.ts'
import { sourceAddress } from './source-address.ts'

/** Milliseconds that the account store may take. */
const PATIENCE = 5000

/** What the parts of the app are made of. */
export interface AppParts extends Omit<StartOptions, 'announce'> {
  readonly settings: ServerSettings
  readonly keys: readonly KeyOptions[]
  readonly store: Store
  readonly attempts: Attempts
  readonly log: Pino
  /** Whether the server is shutting down; it is not ready then. */
  isDraining(): boolean
}

export interface App {
  readonly authx: AuthX
  readonly yoga: YogaServerInstance<object, object>
  /** Closing them completes the subscriptions. */
  readonly events: SessionEvents
}

/** Puts the parts together: store, AuthX, schema, Yoga. Where it throws, the store is closed. */
export async function createApp(parts: AppParts): Promise<App> {
  const { settings, keys, store, log } = parts
  const events = new SessionEvents()
  let authx: AuthX | undefined
  try {
    authx = createServerAuthX(settings, keys, store, log, auditLog(log, events))
    return { authx, yoga: await createServerYoga(parts, authx, events), events }
  } catch (error) {
    await (authx ?? store).close()
    throw error
  }
}

/** This is the whole wiring; a server of your own looks the same. */
async function createServerYoga(
  { settings, store, attempts, log, isDraining, accounts: directory = store, grantScopes, extend }: AppParts,
  authx: AuthX,
  events: SessionEvents,
): Promise<App['yoga']> {
  const patience = { callbackTimeout: PATIENCE, logger: log }
  const passwords = await PasswordCheck.create(settings.logins)
  const accounts = new Accounts(directory, passwords, patience, grantScopes)
  authx.setSubjectGetter((sub) => accounts.findById(sub))
  const logins = new Logins(authx, accounts, new LoginLimits(attempts, settings.logins, patience))
  const extension = extend?.({
    authx,
    accounts: new AccountDesk(accounts, authx.sessions),
    limit: createLimits(attempts, patience),
  })
  const schema = createSchema({ authx, accounts, logins, events, cookies: hasCookies(settings) }, extension)
  // A developer's machine and CI find out; a start in production does not wait for what they found.
  if (!settings.production) await testItself(authx, schema, log)
  return createYoga({
    schema,
    plugins: [
      useAuthX(authx, { origins: settings.corsOrigins }),
      useSource(settings.trustedProxies),
      useRequestLimits(settings),
      useReadiness(authx, isDraining),
      useJwks(authx),
    ],
    healthCheckEndpoint: '/health',
    landingPage: false,
    multipart: false,
    maxRequestBodySize: settings.requests.body,
    // Without named origins a browser lets no other page read an answer.
    cors: settings.corsOrigins.length === 0 ? false : corsFor(settings),
    // Not by NODE_ENV: what went wrong inside is for the log, also on a developer's machine.
    maskedErrors: { isDev: false },
    logging: yogaLogger(log),
    ...(settings.graphiql
      ? graphiqlOptions({ ...settings, demoUser: directory === store ? settings.demoUser : '' })
      : { graphiql: false }),
  })
}

async function testItself(authx: AuthX, schema: GraphQLSchema, log: Pino): Promise<void> {
  const { coordinates, checks, milliseconds } = await authx.selfTest(schema)
  log.info(
    `self-test: ${coordinates} fields with a rule, ${checks} calls in ${milliseconds} ms, each as its rule says`,
  )
}

/** The instance that the settings describe: the server's, and the one that the command line asks. */
export function createServerAuthX(
  settings: ServerSettings,
  keys: readonly KeyOptions[],
  store: Store,
  logger: Logger,
  hooks: AuditHooks = {},
): AuthX {
  const { issuer, audience, accessTokenTtl, refreshTokenTtl, maxSessions, locations } = settings
  return createAuthX({
    keys,
    sessions: store,
    accessTokenTtl,
    refreshTokenTtl,
    maxSessions,
    locations,
    ...(hasCookies(settings) ? { cookies: cookiesFor(settings) } : {}),
    logger,
    ...hooks,
    ...(issuer !== undefined ? { issuer } : {}),
    ...(audience !== undefined ? { audience } : {}),
  })
}

function hasCookies({ locations }: ServerSettings): boolean {
  return locations.access.includes('cookies') || locations.refresh.includes('cookies')
}

/** Outside production there may be no TLS, and then browsers keep no `Secure` cookie. */
function cookiesFor({ production, implicitRefresh }: ServerSettings): CookieOptions {
  return { secure: production, ...(implicitRefresh > 0 ? { refreshWithin: implicitRefresh } : {}) }
}

/** A page of a named origin may read answers, with cookies where tokens travel in them; any other gets no word about it. */
function corsFor(settings: ServerSettings) {
  return (request: Request) => {
    const origin = request.headers.get('origin')
    if (origin === null || !settings.corsOrigins.includes(origin)) return false as const
    return {
      origin,
      credentials: hasCookies(settings),
      methods: ['GET', 'POST', 'OPTIONS'],
      exposedHeaders: ['WWW-Authenticate', 'Retry-After'],
    }
  }
}

/** Tells resolvers where a request comes from. */
function useSource(trustedProxies: number): Plugin {
  return {
    onContextBuilding({ context, extendContext }) {
      const { req } = context as { req?: IncomingMessage }
      const source: SourceContext = { source: sourceAddress(req, trustedProxies) }
      extendContext(source as object)
    },
  }
}

function useReadiness(authx: AuthX, isDraining: () => boolean): Plugin {
  return useReadinessCheck({
    endpoint: '/ready',
    check: async () => {
      if (isDraining()) return false
      await authx.ping()
      return true
    },
  })
}

function useJwks(authx: AuthX): Plugin {
  const body = JSON.stringify(authx.jwks)
  return {
    onRequest({ url, request, fetchAPI, endResponse }) {
      if (url.pathname !== '/.well-known/jwks.json' || request.method !== 'GET') return
      const headers = { 'Content-Type': 'application/jwk-set+json', 'Cache-Control': 'public, max-age=300' }
      endResponse(new fetchAPI.Response(body, { headers }))
    },
  }
}
