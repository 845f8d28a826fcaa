import type { BlocklistStore, LogEntry } from '../../core/blocklist.ts'
import { isName } from '../../core/claims.ts'
import { ConfigurationError } from '../../core/configuration-error.ts'
import type { Store } from '../../core/store.ts'
import { readEnvironment } from '../../server/environment.ts'
import { endAll } from '../endings.ts'
import { type Opened, withInstance } from '../instance.ts'
import { print } from '../printing.ts'
import { readStdin } from '../stdin.ts'
import { partsOf } from '../token-parts.ts'
import { pagesAfter } from './entries.ts'

/** What to revoke; one of them. */
export interface RevokeTarget {
  readonly sid?: string
  readonly jti?: string
  readonly sub?: string
  readonly tokenStdin?: true
}

/** `graphql-authx blocklist revoke` */
export async function revoke({
  force = false,
  ...target
}: RevokeTarget & { readonly force?: boolean }): Promise<void> {
  const given = Object.entries(target) as [keyof RevokeTarget, string | true][]
  const [first, ...others] = given
  if (first === undefined || others.length > 0) {
    throw new ConfigurationError('blocklist revoke: give one of --sid, --jti, --sub and --token-stdin')
  }
  const [way, value] = first
  if (value === true) {
    const token = await readToken()
    await withInstance(({ authx }) => authx.revoke({ token }))
    print('Revoked the session.')
    return
  }
  if (!isName(value)) throw new ConfigurationError(`--${way}: must be 1 to 255 characters`)
  // Of a forgotten id the next option takes the place, and a revocation of nothing would look like one.
  if (value.startsWith('--') && !force) {
    throw new ConfigurationError(
      `--${way}: ${JSON.stringify(value)} looks like an option, so nothing was revoked; give an id, or add --force if this is one`,
    )
  }
  if (way === 'sub') return revokeSubject(value, force)
  if (way === 'sid') return withInstance((opened) => revokeSession(opened, value))
  await withInstance(({ authx }) => authx.revoke({ jti: value }))
  print('Revoked the token.')
}

async function revokeSubject(sub: string, force: boolean): Promise<void> {
  await withInstance(async ({ store }) => {
    if (!force) await assertKnown(store, sub)
    const ended = await endAll(store, sub)
    print(`Revoked all that the subject holds, ${ended} ${ended === 1 ? 'session' : 'sessions'}.`)
  })
}

/** A name in place of an id would be revoked as readily, and whoever has it would go on. */
async function assertKnown(store: Store, sub: string): Promise<void> {
  if ((await store.findById(sub)) !== undefined) return
  const { issuer = '' } = readEnvironment()
  const issuers = await store.listIssuers(sub)
  if (issuers.length > 0 || (await store.readEpoch(issuer, sub)).epoch > 0) return
  const named = await store.findByUsername(sub)
  const nothing = `nothing was revoked, since no session and no account has the id ${JSON.stringify(sub)}`
  throw new ConfigurationError(
    named === undefined
      ? `--sub: ${nothing}; take the id from the claim sub of a token, or revoke it all the same with --force`
      : `--sub: ${nothing}; it is a username, of ${named.id}: run session revoke ${named.username} --all`,
  )
}

async function revokeSession({ authx, store }: Opened, sid: string): Promise<void> {
  const { head } = await store.readSince(0, 1)
  await authx.revoke({ sid })
  const entry = await entryAfter(store, head, sid)
  if (entry === undefined || !(await isOfNoSession(store, entry))) return print('Revoked the session.')
  print(
    'Recorded the revocation. No session with this id is kept here: it counts for tokens, if there are any.',
  )
}

async function entryAfter(
  store: BlocklistStore,
  position: number,
  sid: string,
): Promise<LogEntry | undefined> {
  for await (const page of pagesAfter(store, position)) {
    const found = page.find(({ kind, key }) => kind === 'session' && key === sid)
    if (found !== undefined) return found
  }
  return undefined
}

/** A store keeps the entry of a session that it knows as long as access tokens live, and any other as long as refresh tokens do. */
async function isOfNoSession(store: BlocklistStore, { expiresAt }: LogEntry): Promise<boolean> {
  const { accessTokenTtl, refreshTokenTtl } = readEnvironment()
  // Then both are kept as long.
  if (refreshTokenTtl <= accessTokenTtl) return false
  const { now } = await store.readSince(0, 1)
  const between = (accessTokenTtl + refreshTokenTtl) / 2
  return (expiresAt - now) / 1000 > between + ADDED
}

/** Seconds that leeway and clocks add to either. */
const ADDED = 125

/** The mutation answers any text alike, so that nobody can ask it which tokens are real; an operator wants to know. */
async function readToken(): Promise<string> {
  const token = await readStdin()
  partsOf(token)
  return token
}
