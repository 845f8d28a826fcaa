import { ask } from './availability.ts'
import type { Claims } from './claims.ts'
import type { TokenIssuer } from './issuer.ts'
import { loggable } from './logger.ts'
import { Refusal } from './refusal.ts'
import { identityOf, type RevocationCheck, type Verified } from './revocation.ts'
import type { Settings } from './settings.ts'
import { successor } from './successor.ts'

/** What an implicit refresh needs of an instance. */
export interface RefreshParts {
  readonly settings: Settings
  readonly revocation: RevocationCheck
  readonly issuer: TokenIssuer
}

/**
 * The next access token for a holder whose own came in a cookie and is about to end; undefined where there is to be none.
 *
 * Asked when the answer is ready, and revocation is asked once more then: what was judged at the beginning of a slow request may have ended meanwhile, and
 * a token made after its session's entry was written could outlive the entry. The epoch is the old token's, so that it falls with it.
 */
export async function refreshImplicitly(parts: RefreshParts, holder: Verified): Promise<string | undefined> {
  const { settings, revocation, issuer } = parts
  const { claims, request } = holder
  if (request.location !== 'cookies' || !isDue(settings, claims)) return undefined
  try {
    if ((await revocation.askStore(holder, undefined)) !== true) return undefined
    const { issuer: namespace } = identityOf(claims)
    const question = () => settings.blocklist.readEpoch(namespace, claims.sub)
    const reading = await ask(question, 'the blocklist', settings)
    if (reading instanceof Refusal || reading.epoch !== claims.ue) return undefined
    const scopes = await scopesNow(settings, claims)
    if (scopes === null) return undefined
    const end = await sessionEnd(settings, claims, namespace)
    // No longer than the one before: somebody may have made it shorter than usual on purpose.
    const expiresIn = Math.min(claims.exp - claims.iat, end - Math.floor(reading.now / 1000))
    if (Math.floor(reading.now / 1000) + expiresIn <= claims.exp) return undefined
    return issuer.access({ ...successor(claims, scopes), sid: claims.sid, expiresIn }, reading)
  } catch (error) {
    settings.logger.error({ err: loggable(error) }, 'an implicit refresh failed; the answer goes without')
    return undefined
  }
}

/** What the holder may have now; null: no further token. Undefined where nobody is asked. */
async function scopesNow(settings: Settings, claims: Claims): Promise<readonly string[] | null | undefined> {
  const refreshScopes = settings.cookies?.refreshScopes
  if (refreshScopes === undefined || claims.type !== 'access') return undefined
  const answer = await ask(() => refreshScopes(claims), 'cookies.refreshScopes', settings)
  return Array.isArray(answer) ? answer : null
}

function isDue({ cookies, clock }: Settings, { exp }: Claims): boolean {
  const within = cookies?.refreshWithin
  return within !== undefined && exp - clock() / 1000 < within
}

/** When the session is over, in seconds since the epoch; 0 where it is over already. */
async function sessionEnd(settings: Settings, claims: Claims, namespace: string): Promise<number> {
  const { sessions } = settings
  const absolute = claims.auth_time + settings.sessionTtl
  if (sessions === undefined) return absolute
  const question = () => sessions.listSessions(namespace, claims.sub)
  const records = await ask(question, 'the session store', settings)
  if (records instanceof Refusal) return 0
  const record = records.find(({ sid }) => sid === claims.sid)
  return record === undefined ? 0 : Math.min(absolute, Math.floor(record.expiresAt / 1000))
}
