import type { IncomingMessage } from 'node:http'
import type { GraphQLSchema } from 'graphql'
import { createYoga, type Plugin, useReadinessCheck, type YogaServerInstance } from 'graphql-yoga'
import type { AuthX } from '../authx.ts'
import type { Attempts } from '../core/attempts.ts'
import type { KeyOptions } from '../core/keys.ts'
import { loggable } from '../core/logger.ts'
import type { Store } from '../core/store.ts'
import { useAuthX, useBodyLimit } from '../graphql/adapters/yoga.ts'
import { AccountDesk } from './account-desk.ts'
import { Accounts } from './accounts.ts'
import { auditLog } from './audit-log.ts'
import type { SourceContext } from './context.ts'
import { storeName } from './database.ts'
import { useDocumentCache } from './document-cache.ts'
import { EventStreams } from './event-streams.ts'
import { createLimits } from './extension.ts'
import { graphiqlOptions } from './graphiql.ts'
import { createServerAuthX, hasCookies } from './instance.ts'
import { useLastResort } from './last-resort.ts'
import { type Pino, yogaLogger } from './logging.ts'
import { LoginLimits } from './login-limits.ts'
import { Logins } from './logins.ts'
import type { ServerMetrics } from './metrics.ts'
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
  readonly events: SessionEvents
  readonly streams: EventStreams
}

/** Puts the parts together: store, AuthX, schema, Yoga. Where it throws, the store is closed. */
export async function createApp(parts: AppParts): Promise<App> {
  const { settings, keys, store, log } = parts
  const events = new SessionEvents()
  const streams = new EventStreams()
  let authx: AuthX | undefined
  try {
    const metrics = settings.metrics ? await createMetrics() : undefined
    const accounts = await createAccounts(parts)
    authx = createServerAuthX(settings, keys, store, log.child({ store: storeName(settings.databaseUrl) }), {
      hooks: auditLog(log, events),
      ...(metrics !== undefined ? { meterProvider: metrics.provider } : {}),
      refreshScopes: (claims) => accounts.scopesNow(claims.sub),
    })
    const yoga = await createServerYoga(parts, { authx, accounts, events, streams, metrics })
    return { authx, yoga, events, streams }
  } catch (error) {
    await (authx ?? store).close()
    throw error
  }
}

async function createAccounts({
  settings,
  store,
  log,
  accounts = store,
  grantScopes,
}: AppParts): Promise<Accounts> {
  const passwords = await PasswordCheck.create(settings.logins)
  return new Accounts(accounts, passwords, { callbackTimeout: PATIENCE, logger: log }, grantScopes)
}

/** Loaded only here: no command but the server's has a use for it. */
async function createMetrics(): Promise<ServerMetrics> {
  const { ServerMetrics } = await import('./metrics.ts')
  return new ServerMetrics()
}

interface Made {
  readonly authx: AuthX
  readonly accounts: Accounts
  readonly events: SessionEvents
  readonly streams: EventStreams
  readonly metrics: ServerMetrics | undefined
}

/** This is the whole wiring; a server of your own looks the same. */
async function createServerYoga(
  { settings, store, attempts, log, isDraining, accounts: directory = store, extend }: AppParts,
  { authx, accounts, events, streams, metrics }: Made,
): Promise<App['yoga']> {
  const patience = { callbackTimeout: PATIENCE, logger: log }
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
      useLastResort(log),
      useAuthX(authx, { origins: settings.corsOrigins }),
      useSource(settings.trustedProxies),
      useBodyLimit(settings.requests.body),
      useRequestLimits(settings, extension?.once),
      useDocumentCache(),
      streams.plugin(),
      useReadiness(authx, isDraining, log),
      useJwks(authx),
      ...(metrics === undefined ? [] : [metrics.plugin()]),
      useVary(settings),
    ],
    healthCheckEndpoint: '/health',
    landingPage: false,
    multipart: false,
    parserAndValidationCache: false,
    maxRequestBodySize: false,
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

/** What a shared cache has to know: an answer to one origin is not the answer to another (RFC 9110 section 12.5.5). */
function useVary({ corsOrigins }: ServerSettings): Plugin {
  return {
    onResponse({ response }) {
      if (corsOrigins.length > 0) response.headers.append('Vary', 'Origin')
    },
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

/** Whoever asks learns whether, and the log, once for each change, why not: an error's words name hosts and databases. */
function useReadiness(authx: AuthX, isDraining: () => boolean, log: Pino): Plugin {
  let wasReady = true
  const readiness = useReadinessCheck({
    endpoint: '/ready',
    check: async ({ fetchAPI }) => {
      const away = (): Response => new fetchAPI.Response('not ready\n', { status: 503 })
      if (isDraining()) return away()
      try {
        await authx.ready()
        await authx.ping()
      } catch (error) {
        if (wasReady)
          log.error({ err: loggable(error) }, 'not ready: /ready answers 503 until the store answers')
        wasReady = false
        return away()
      }
      if (!wasReady) log.warn('ready again')
      wasReady = true
      return true
    },
  })
  return {
    ...readiness,
    onRequest: (asked) => (isOperation(asked) ? undefined : readiness.onRequest?.(asked)),
  }
}

/** What is asked by POST is an operation: to look whether its URL is another than that of GraphQL would cost each of them as much as its rules. */
function isOperation({ request }: { readonly request: Request }): boolean {
  return request.method === 'POST'
}

function useJwks(authx: AuthX): Plugin {
  const body = JSON.stringify(authx.jwks)
  return {
    onRequest({ url, request, fetchAPI, endResponse }) {
      if (request.method !== 'GET' || url.pathname !== '/.well-known/jwks.json') return
      const headers = { 'Content-Type': 'application/jwk-set+json', 'Cache-Control': 'public, max-age=300' }
      endResponse(new fetchAPI.Response(body, { headers }))
    },
  }
}
