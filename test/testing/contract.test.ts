import { describe, expect, test } from 'vitest'
import type { TokenIdentity } from '../../src/core/blocklist.ts'
import type { Store } from '../../src/core/store.ts'
import { memory } from '../../src/stores/memory.ts'
import { storeContract } from '../../src/testing/index.ts'

/** What a faulty store does in its own way; everything else is the memory store's. */
type Fault = (right: Store) => Partial<Store>

/** A store that asks about a token that differs from the one it was asked about. */
const asking =
  (differ: (token: TokenIdentity) => Partial<TokenIdentity>): Fault =>
  (right) => ({ isRevoked: (token) => right.isRevoked({ ...token, ...differ(token) }) })

/** A store that compares and writes in two steps. */
const lookingFirst: Fault = ({ changeAccount, findById }) => ({
  replacePassword: async (id, { current, next }) => {
    const account = await findById(id)
    if (account?.passwordHash !== current || account.disabled) return false
    return changeAccount(id, { passwordHash: next })
  },
})

describe('the contract finds a store that', () => {
  const faults: readonly [fault: string, clause: string, Fault][] = [
    ['ignores the jti', 'revoke-token', asking(() => ({ jti: '' }))],
    ['ignores the sid', 'revoke-session', asking(() => ({ sid: '' }))],
    ['ignores the epoch', 'revoke-subject', asking(() => ({ ue: Number.MAX_SAFE_INTEGER }))],
    ['is an epoch behind', 'epochs-rise', asking(({ ue }) => ({ ue: ue + 1 }))],
    ['is an epoch ahead', 'epochs-rise', asking(({ ue }) => ({ ue: ue - 1 }))],
    ['takes a jti for a sid', 'kinds-apart', asking(({ jti, sid }) => (sid === 'same' ? { jti: sid } : { jti }))],
    ['has one namespace for all issuers', 'issuers-apart', asking(() => ({ issuer: 'ab' }))],
    ['trims keys', 'tricky-keys', asking(({ jti }) => ({ jti: jti.trim() }))],
    ['cuts keys at a NUL', 'tricky-keys', asking(({ sid }) => ({ sid: sid.split('\0')[0] ?? '' }))],
    ['composes keys', 'tricky-keys', asking(({ sub }) => ({ sub: sub.normalize() }))],
    ['sends its lines backwards', 'log-order', ({ readSince }) => ({ readSince: async (...range) => { const page = await readSince(...range); return { ...page, entries: page.entries.toReversed() } } })],
    ['sends one line too many', 'log-pages', ({ readSince }) => ({ readSince: (position, limit) => readSince(position, limit + 1) })],
    ['takes the end of the page for the head', 'log-pages', ({ readSince }) => ({ readSince: async (position, limit) => { const page = await readSince(position, limit); return { ...page, head: page.entries.at(-1)?.position ?? position } } })],
    ['counts a purge wrong', 'purge-batches', ({ purge }) => ({ purge: async (limit) => (await purge(limit)) + 1 })],
    ['purges without a limit', 'purge-batches', ({ purge }) => ({ purge: () => purge(1000) })],
    ['answers when it is closed', 'closed', () => ({ close: async () => {} })],
    ['keeps the grace window open too long', 'reuse-ends', ({ rotateSession }) => ({ rotateSession: (request) => rotateSession({ ...request, grace: request.grace + 1 }) })],
    ['closes the grace window too early', 'rotation-repeats', ({ rotateSession }) => ({ rotateSession: (request) => rotateSession({ ...request, grace: request.grace - 1 }) })],
    ['lets every racer rotate', 'rotation-races', ({ rotateSession }) => ({ rotateSession: async (request) => { const outcome = await rotateSession(request); return outcome.status === 'repeated' ? { ...outcome, status: 'rotated' } : outcome } })],
    ['forgives reuse', 'reuse-is-final', ({ rotateSession }) => ({ rotateSession: (request) => rotateSession({ ...request, generation: Math.max(request.generation, 1) }) })],
    ['rotates a revoked token', 'rotation-revoked', ({ rotateSession }) => ({ rotateSession: (request) => rotateSession({ ...request, identity: { ...request.identity, jti: '' } }) })],
    ['forgets the absolute life', 'session-absolute', ({ createSession }) => ({ createSession: (session) => createSession({ ...session, absoluteTtl: 10 * session.absoluteTtl }) })],
    ['forgets the device', 'session-origin', ({ createSession }) => ({ createSession: (session) => createSession({ ...session, device: null }) })],
    ['lists the sessions of everybody', 'sessions-listed', ({ listSessions }) => ({ listSessions: async (issuer) => (await Promise.all(['ada', 'bob'].map((sub) => listSessions(issuer, sub)))).flat() })],
    ['knows one issuer only', 'issuers-listed', ({ listIssuers }) => ({ listIssuers: async (sub) => (await listIssuers(sub)).slice(0, 1) })],
    ["ends another's session", 'session-of-another', ({ endSession }) => ({ endSession: (ending) => endSession({ ...ending, sub: 'ada' }) })],
    ['says that it ended what was ended', 'session-ended-by-owner', ({ endSession }) => ({ endSession: async (ending) => (await endSession(ending)) || true })],
    ['ends the session that should go on', 'sessions-ended-but-one', ({ endSessions }) => ({ endSessions: ({ except: _, ...ending }) => endSessions(ending) })],
    ['raises no epoch for everywhere', 'sessions-ended-everywhere', ({ endSessions }) => ({ endSessions: (ending) => endSessions({ except: '', ...ending }) })],
    ['has no limit', 'limit-ends-oldest', ({ createSession }) => ({ createSession: ({ limit: _, ...session }) => createSession(session) })],
    ['lets one session too many live', 'limit-races', ({ createSession }) => ({ createSession: (session) => createSession(session.limit === undefined ? session : { ...session, limit: { ...session.limit, most: session.limit.most + 1 } }) })],
    ['gives a username twice', 'account-taken', ({ createAccount }) => ({ createAccount: async (account) => (await createAccount(account)) || true })],
    ['never disables', 'account-changed', ({ changeAccount }) => ({ changeAccount: (id, { disabled: _, ...change }) => changeAccount(id, change) })],
    ['never takes scopes away', 'account-changed', ({ changeAccount }) => ({ changeAccount: (id, { scopes, ...change }) => changeAccount(id, scopes?.length === 0 ? change : { ...change, ...(scopes && { scopes }) }) })],
    ['sorts scopes', 'account-scopes', ({ createAccount }) => ({ createAccount: (account) => createAccount({ ...account, scopes: account.scopes.toSorted() }) })],
    ['finds a username in one spelling only', 'directory-spellings', ({ findByUsername }) => ({ findByUsername: async (username) => { const account = await findByUsername(username); return account?.username === username ? account : undefined } })],
    ['trims usernames', 'directory-spellings', ({ findByUsername }) => ({ findByUsername: (username) => findByUsername(username.trim()) })],
    ['keeps no new password', 'directory-password', ({ findById }) => ({ replacePassword: async (id, { current }) => (await findById(id))?.passwordHash === current })],
    ['replaces a password that it was not asked to', 'directory-password-compared', ({ changeAccount }) => ({ replacePassword: (id, { next }) => changeAccount(id, { passwordHash: next }) })],
    ['replaces the password of a disabled account', 'directory-password-compared', ({ changeAccount, findById }) => ({ replacePassword: async (id, { current, next }) => { const account = await findById(id); return account?.passwordHash === current && changeAccount(id, { passwordHash: next }) } })],
    ['compares passwords in one case', 'directory-password-compared', ({ replacePassword, findById }) => ({ replacePassword: async (id, { current, next }) => { const { passwordHash = '' } = (await findById(id)) ?? {}; return replacePassword(id, { current: passwordHash.toUpperCase() === current.toUpperCase() ? passwordHash : current, next }) } })],
    ['looks at a password first and replaces it later', 'directory-password-races', lookingFirst],
    ['looks at an account first and replaces its password later', 'account-changes-race', lookingFirst],
    ['finds by either name', 'directory-unknown', ({ findById, findByUsername }) => ({ findById: async (id) => (await findById(id)) ?? findByUsername(id) })],
    ['hides who is disabled', 'directory-found', ({ findById }) => ({ findById: async (id) => { const account = await findById(id); return account?.disabled ? undefined : account } })],
    ['deletes by disabling', 'account-deleted', ({ changeAccount }) => ({ deleteAccount: (id) => changeAccount(id, { disabled: true }) })],
  ] // biome-ignore format: a table

  test.each(faults)('%s, by the clause %s', async (_, id, fault) => {
    expect(await failures(fault)).toContain(id)
  })

  test('nothing, where the store is right', async () => {
    expect(await failures(() => ({}))).toEqual([])
  })
})

test('every clause has an id of its own', () => {
  const ids = storeContract().map((clause) => clause.id)
  expect(new Set(ids).size).toBe(ids.length)
})

async function failures(fault: Fault): Promise<readonly string[]> {
  const failed: string[] = []
  for (const { id, run } of storeContract()) {
    let now = 1_750_000_000_321
    const right = bound(memory({ clock: () => now }))
    const store = { ...right, ...fault(right) }
    const advance = (milliseconds: number) => {
      now += milliseconds
    }
    await run({ open: async () => store, advance }).catch(() => failed.push(id))
  }
  return failed
}

/** The store's methods, each usable on its own. */
function bound(store: Store): Store {
  return {
    remote: store.remote,
    onAppend: (wake) => store.onAppend(wake),
    revoke: (revocation) => store.revoke(revocation),
    isRevoked: (identity) => store.isRevoked(identity),
    readEpoch: (issuer, sub) => store.readEpoch(issuer, sub),
    readSince: (position, limit) => store.readSince(position, limit),
    purge: (limit) => store.purge(limit),
    ping: () => store.ping(),
    close: () => store.close(),
    createSession: (session) => store.createSession(session),
    rotateSession: (request) => store.rotateSession(request),
    listIssuers: (sub) => store.listIssuers(sub),
    listSessions: (issuer, sub) => store.listSessions(issuer, sub),
    endSession: (ending) => store.endSession(ending),
    endSessions: (ending) => store.endSessions(ending),
    findByUsername: (username) => store.findByUsername(username),
    findById: (id) => store.findById(id),
    createAccount: (account) => store.createAccount(account),
    changeAccount: (id, change) => store.changeAccount(id, change),
    replacePassword: (id, replacement) => store.replacePassword(id, replacement),
    deleteAccount: (id) => store.deleteAccount(id),
  }
}
