import type { MeterProvider } from '@opentelemetry/api'
import { type AuthX, createAuthX } from '../authx.ts'
import type { AuditHooks } from '../core/audit.ts'
import type { RefreshScopes } from '../core/cookies.ts'
import type { KeyOptions } from '../core/keys.ts'
import type { CookieOptions } from '../core/location-settings.ts'
import type { Logger } from '../core/logger.ts'
import type { Store } from '../core/store.ts'
import type { ServerSettings } from './settings.ts'

/** What the running server adds to an instance. */
export interface InstanceHooks {
  readonly hooks?: AuditHooks
  /** Asked before an implicit refresh. */
  readonly refreshScopes?: RefreshScopes
  readonly meterProvider?: MeterProvider
}

/** The instance that the settings describe: the server's, and the one that the command line asks. */
export function createServerAuthX(
  settings: ServerSettings,
  keys: readonly KeyOptions[],
  store: Store,
  logger: Logger,
  { hooks = {}, refreshScopes, meterProvider }: InstanceHooks = {},
): AuthX {
  const { issuer, audience, accessTokenTtl, refreshTokenTtl, maxSessions, locations } = settings
  return createAuthX({
    keys,
    sessions: store,
    accessTokenTtl,
    refreshTokenTtl,
    maxSessions,
    locations,
    maxStaleness: settings.maxStaleness,
    // Whoever adds a field says who may have it.
    defaultPolicy: 'declared',
    // Where nobody may ask, validation says so.
    introspection: settings.introspection || 'full',
    ...(hasCookies(settings) ? { cookies: cookiesFor(settings, refreshScopes) } : {}),
    logger,
    ...hooks,
    ...(meterProvider !== undefined ? { meterProvider } : {}),
    ...(issuer !== undefined ? { issuer } : {}),
    ...(audience !== undefined ? { audience } : {}),
  })
}

/** Whether any token travels in a cookie. */
export function hasCookies({ locations }: ServerSettings): boolean {
  return locations.access.includes('cookies') || locations.refresh.includes('cookies')
}

/** Outside production there may be no TLS, and then browsers keep no `Secure` cookie. */
function cookiesFor(
  { production, implicitRefresh }: ServerSettings,
  refreshScopes: RefreshScopes | undefined,
): CookieOptions {
  return {
    secure: production,
    ...(implicitRefresh > 0 ? { refreshWithin: implicitRefresh } : {}),
    ...(implicitRefresh > 0 && refreshScopes !== undefined ? { refreshScopes } : {}),
  }
}
