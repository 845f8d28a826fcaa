import { createYoga, type Plugin, useReadinessCheck, type YogaServerInstance } from 'graphql-yoga'
import { type AuthX, createAuthX } from '../authx.ts'
import type { AuditHooks } from '../core/audit.ts'
import type { KeyOptions } from '../core/keys.ts'
import type { Logger } from '../core/logger.ts'
import type { Store } from '../core/store.ts'
import { useAuthX } from '../graphql/adapters/yoga.ts'
import { Accounts } from './accounts.ts'
import { auditLog } from './audit-log.ts'
import type { ServerSettings } from './environment.ts'
import { graphiqlOptions } from './graphiql.ts'
import { type Pino, yogaLogger } from './logging.ts'
import { PasswordCheck } from './passwords.ts'
import { createSchema } from './schema.ts'
import { SessionEvents } from './session-events.ts'

/** Milliseconds that the account store may take. */
const PATIENCE = 5000

/** What the parts of the app are made of. */
export interface AppParts {
  readonly settings: ServerSettings
  readonly keys: readonly KeyOptions[]
  readonly store: Store
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

/** Puts the parts together: store, AuthX, schema, Yoga. This is the whole wiring; a server of your own looks the same. */
export async function createApp({ settings, keys, store, log, isDraining }: AppParts): Promise<App> {
  const events = new SessionEvents()
  const authx = createServerAuthX(settings, keys, store, log, auditLog(log, events))
  const accounts = new Accounts(store, await PasswordCheck.create(), {
    callbackTimeout: PATIENCE,
    logger: log,
  })
  authx.setSubjectGetter((sub) => accounts.findById(sub))
  const yoga = createYoga({
    schema: createSchema(authx, accounts, events),
    plugins: [useAuthX(authx), useReadiness(authx, isDraining), useJwks(authx)],
    healthCheckEndpoint: '/health',
    landingPage: false,
    multipart: false,
    // Without named origins a browser lets no other page read an answer.
    cors: settings.corsOrigins.length === 0 ? false : corsFor(settings.corsOrigins),
    // Not by NODE_ENV: what went wrong inside is for the log, also on a developer's machine.
    maskedErrors: { isDev: false },
    logging: yogaLogger(log),
    ...(settings.graphiql ? graphiqlOptions(settings.demoUser) : { graphiql: false }),
  })
  return { authx, yoga, events }
}

/** The instance that the settings describe: the server's, and the one that the command line asks. */
export function createServerAuthX(
  settings: ServerSettings,
  keys: readonly KeyOptions[],
  store: Store,
  logger: Logger,
  hooks: AuditHooks = {},
): AuthX {
  const { issuer, audience, accessTokenTtl, refreshTokenTtl, maxSessions } = settings
  return createAuthX({
    keys,
    sessions: store,
    accessTokenTtl,
    refreshTokenTtl,
    maxSessions,
    logger,
    ...hooks,
    ...(issuer !== undefined ? { issuer } : {}),
    ...(audience !== undefined ? { audience } : {}),
  })
}

function corsFor(origins: readonly string[]) {
  return {
    origin: [...origins],
    methods: ['GET', 'POST', 'OPTIONS'],
    exposedHeaders: ['WWW-Authenticate', 'Retry-After'],
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
