import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { AuthError, type AuthX, type AuthXOptions, createAuthX, type RefreshClaims } from '../src/index.ts'
import { sqlite } from '../src/stores/sqlite.ts'
import { forge } from './harness/forge.ts'
import { testKey } from './harness/keys.ts'

const SECRET = 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa'
const open: AuthX[] = []
afterEach(() => Promise.all(open.splice(0).map((authx) => authx.close())))

/** Sessions in a real SQLite, on a clock that tests move. */
async function start({ path = ':memory:', ...options }: Partial<AuthXOptions> & { path?: string } = {}) {
  let now = 1_800_000_000_000
  const clock = () => now
  const authx = createAuthX({
    secret: SECRET,
    sessions: await sqlite(path, { clock }),
    clock,
    ...options,
  })
  open.push(authx)
  const refreshClaims = (token: string): Promise<RefreshClaims> => authx.verify(token, { type: 'refresh' })
  return {
    authx,
    advance: (seconds: number) => {
      now += seconds * 1000
    },
    refresh: async (token: string, scopes?: string[]) =>
      authx.sessions.refresh(await refreshClaims(token), scopes),
    refreshClaims,
  }
}

/** What every client sees of a refusal. */
async function refusalOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'granted',
    (error: AuthError) => `${error.extensions.code} ${error.message}`,
  )
}

/** The reason that a promise was refused for. */
async function reasonOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'granted',
    (error: unknown) => (error instanceof AuthError ? error.reason : String(error)),
  )
}

describe('refresh', () => {
  it('REF-07: gives the same successor to whoever lost the answer, within the window', async () => {
    const { authx, advance, refresh, refreshClaims } = await start()
    const { refreshToken } = await authx.sessions.login({ sub: 'anna' })
    const once = await refresh(refreshToken)
    advance(9)
    const again = await refresh(refreshToken)
    expect(await refreshClaims(again.refreshToken)).toEqual(await refreshClaims(once.refreshToken))
  })

  it('REF-02, REF-06, S54: takes a replay after the window for theft, although there was a retry within it', async () => {
    const { authx, advance, refresh } = await start()
    const { refreshToken } = await authx.sessions.login({ sub: 'anna' })
    const next = await refresh(refreshToken)
    advance(8)
    await refresh(refreshToken)
    advance(3)
    expect(await reasonOf(refresh(refreshToken))).toBe('TOKEN_REUSED')
    expect(await reasonOf(refresh(next.refreshToken))).toBe('TOKEN_REVOKED')
    expect(await reasonOf(authx.verify(next.accessToken))).toBe('TOKEN_REVOKED')
  })

  it('REF-14: detects reuse to the end of the session', async () => {
    const { authx, advance, refresh } = await start()
    const first = await authx.sessions.login({ sub: 'anna' })
    await refresh(first.refreshToken)
    advance(19 * 86_400)
    expect(await reasonOf(refresh(first.refreshToken))).toBe('TOKEN_REUSED')
  })

  it('REF-08: makes no token that outlives the entry of a session ended by the store', async () => {
    const { authx, advance, refresh } = await start()
    const { refreshToken } = await authx.sessions.login({ sub: 'anna' })
    const { accessToken } = await refresh(refreshToken)
    await authx.revoke({ token: refreshToken })
    for (let minute = 0; minute < 15; minute++) {
      expect(await reasonOf(authx.verify(accessToken))).toBe('TOKEN_REVOKED')
      advance(60)
      await authx.purge()
    }
    advance(5)
    expect(await reasonOf(authx.verify(accessToken))).toBe('TOKEN_EXPIRED')
  })

  it('REF-12: never moves the end of a session, and lets no token live beyond it', async () => {
    const { authx, advance, refresh, refreshClaims } = await start({
      refreshTokenTtl: 3600,
      sessionTtl: 7200,
    })
    let { refreshToken } = await authx.sessions.login({ sub: 'anna' })
    const end = (await refreshClaims(refreshToken)).iat + 7200
    for (const wait of [3000, 3000, 600]) {
      advance(wait)
      const pair = await refresh(refreshToken)
      refreshToken = pair.refreshToken
      expect((await refreshClaims(refreshToken)).exp).toBeLessThanOrEqual(end)
      expect((await authx.verify(pair.accessToken)).exp).toBeLessThanOrEqual(end)
    }
    advance(606)
    expect(await reasonOf(refresh(refreshToken))).toBe('TOKEN_EXPIRED')
  })

  it('REF-01: rotates at every refresh: another token each time, and the one before buys nothing more', async () => {
    const { authx, advance, refresh, refreshClaims } = await start()
    let { refreshToken } = await authx.sessions.login({ sub: 'anna' })
    let spent = refreshToken
    const seen = new Set([(await refreshClaims(refreshToken)).jti])
    for (let count = 0; count < 5; count++) {
      advance(60)
      const next = (await refresh(refreshToken)).refreshToken
      seen.add((await refreshClaims(next)).jti)
      spent = refreshToken
      refreshToken = next
    }
    expect(seen.size).toBe(6)
    advance(60)
    expect(await reasonOf(refresh(spent))).toBe('TOKEN_REUSED')
  })

  it('REF-05: takes a token two generations back for theft, even inside the window', async () => {
    const { authx, refresh } = await start()
    const { refreshToken } = await authx.sessions.login({ sub: 'anna' })
    const next = await refresh(refreshToken)
    await refresh(next.refreshToken)
    expect(await reasonOf(refresh(refreshToken))).toBe('TOKEN_REUSED')
  })

  it('REF-03: refreshes nothing after a theft, not even the newest token inside its window', async () => {
    const { authx, refreshClaims, refresh } = await start()
    const first = await authx.sessions.login({ sub: 'anna' })
    const second = await refresh(first.refreshToken)
    const third = await refresh(second.refreshToken)
    // Whoever verified it before the alarm holds these claims still.
    const [newest, before] = [
      await refreshClaims(third.refreshToken),
      await refreshClaims(second.refreshToken),
    ]
    expect(await reasonOf(refresh(first.refreshToken))).toBe('TOKEN_REUSED')
    for (const claims of [newest, before, newest]) {
      expect(await reasonOf(authx.sessions.refresh(claims))).toBe('TOKEN_REVOKED')
    }
  })

  it('REF-04: gives racing refreshes one generation and one successor', async () => {
    const { authx, refresh, refreshClaims } = await start()
    const { refreshToken } = await authx.sessions.login({ sub: 'anna' })
    const pairs = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)))
    const claims = await Promise.all(pairs.map((pair) => refreshClaims(pair.refreshToken)))
    expect(new Set(claims.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(claims[0]?.gen).toBe(1)
  })

  it('REF-09, S48, S49: takes no access token for a refresh token, nor the other way round', async () => {
    const { authx } = await start()
    const { accessToken, refreshToken } = await authx.sessions.login({ sub: 'anna' })
    expect(await reasonOf(authx.verify(accessToken, { type: 'refresh' }))).toBe('REFRESH_TOKEN_REQUIRED')
    expect(await reasonOf(authx.verify(refreshToken))).toBe('ACCESS_TOKEN_REQUIRED')
  })

  it('REF-10: keeps nothing in the store that a refresh token could be made of', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'authx-'))
    const path = join(folder, 'store.db')
    try {
      const { authx, refresh } = await start({ path })
      const first = await authx.sessions.login({ sub: 'anna' })
      const second = await refresh(first.refreshToken)
      const dump = ['', '-wal'].map((end) => readFileSync(`${path}${end}`, 'latin1')).join('')
      expect(dump).toContain('anna')
      for (const { accessToken, refreshToken } of [first, second]) {
        for (const part of [...accessToken.split('.'), ...refreshToken.split('.')]) {
          expect(dump).not.toContain(part)
        }
      }
      expect(dump).not.toContain(SECRET)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('REF-11: names sessions by 128 bits, and a token signed by another neither burns nor ends one', async () => {
    const { authx, refresh, refreshClaims } = await start()
    const { refreshToken } = await authx.sessions.login({ sub: 'anna' })
    const claims = await refreshClaims(refreshToken)
    expect(Buffer.from(claims.sid, 'base64url').length).toBe(16)
    const key = { ...testKey('HS256', 'a thief'), kid: 'default' }
    for (const gen of [0, 1]) {
      const forged = forge({ key, header: { typ: 'rt+jwt' }, payload: { ...claims, gen } })
      expect(await reasonOf(refresh(forged))).toBe('TOKEN_INVALID')
      await authx.revoke({ token: forged })
    }
    expect(await reasonOf(refresh(refreshToken))).toBe('granted')
  })

  it('REF-15: knows after a restart what was spent and what was ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'authx-'))
    const path = join(folder, 'store.db')
    try {
      const before = await start({ path })
      const first = await before.authx.sessions.login({ sub: 'anna' })
      const second = await before.refresh(first.refreshToken)
      await before.refresh(second.refreshToken)
      const ended = await before.authx.sessions.login({ sub: 'anna' })
      await before.authx.revoke({ token: ended.accessToken })
      await before.authx.close()
      const after = await start({ path })
      expect(await reasonOf(after.refresh(ended.refreshToken))).toBe('TOKEN_REVOKED')
      expect(await reasonOf(after.refresh(first.refreshToken))).toBe('TOKEN_REUSED')
      expect(await reasonOf(after.refresh(second.refreshToken))).toBe('TOKEN_REVOKED')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('REF-16: asks for a new login where the token is ahead of a store that was restored, and ends nothing', async () => {
    const { authx, refresh, refreshClaims } = await start()
    const { refreshToken } = await authx.sessions.login({ sub: 'anna' })
    const claims = await refreshClaims(refreshToken)
    expect(await reasonOf(authx.sessions.refresh({ ...claims, gen: 3 }))).toBe('TOKEN_INVALID')
    expect(await reasonOf(authx.sessions.refresh({ ...claims, sid: 'of a lost session' }))).toBe(
      'TOKEN_INVALID',
    )
    expect(await reasonOf(refresh(refreshToken))).toBe('granted')
  })

  it('REF-17: refuses unknown, expired, revoked and reused tokens with one code and one message', async () => {
    const { authx, advance, refreshClaims } = await start({ refreshTokenTtl: 3600 })
    const claimsOf = async () => refreshClaims((await authx.sessions.login({ sub: 'anna' })).refreshToken)
    const [reused, revoked, expired] = [await claimsOf(), await claimsOf(), await claimsOf()]
    await authx.sessions.refresh(reused)
    await authx.revoke({ sid: revoked.sid })
    advance(60)
    const messages = [await refusalOf(authx.sessions.refresh(reused))]
    messages.push(await refusalOf(authx.sessions.refresh({ ...revoked, sid: 'unknown' })))
    messages.push(await refusalOf(authx.sessions.refresh(revoked)))
    advance(3600)
    messages.push(await refusalOf(authx.sessions.refresh(expired)))
    // Which it was says `extensions.reason`, since a client warns its user of a theft.
    expect(new Set(messages)).toEqual(new Set(['UNAUTHENTICATED Authentication is required.']))
  })

  it('keeps scopes, claims and the time of the login, is never fresh, and never widens', async () => {
    const { authx, advance, refresh } = await start()
    const login = { sub: 'anna', scopes: ['read', 'write'], claims: { tenant: 'acme' } }
    const { refreshToken, accessToken } = await authx.sessions.login(login)
    const before = await authx.verify(accessToken)
    advance(100)
    const next = await refresh(refreshToken, ['write', 'admin'])
    const after = await authx.verify(next.accessToken)
    expect(after).toMatchObject({
      sub: 'anna',
      sid: before.sid,
      tenant: 'acme',
      scope: 'write',
      fresh: false,
      auth_time: before.auth_time,
    })
    advance(100)
    const narrowed = await authx.verify((await refresh(next.refreshToken)).accessToken)
    expect(narrowed.scope).toBe('write')
  })

  it('REV-15: holds no token made before "everywhere", and every one made after it, in the same second', async () => {
    const { authx, refresh } = await start()
    const old = await authx.sessions.login({ sub: 'anna' })
    const other = await authx.sessions.login({ sub: 'bert' })
    await authx.revoke({ sub: 'anna' })
    const fresh = await authx.sessions.login({ sub: 'anna' })
    expect(await reasonOf(authx.verify(old.accessToken))).toBe('TOKEN_REVOKED')
    expect(await reasonOf(refresh(old.refreshToken))).toBe('TOKEN_REVOKED')
    expect(await reasonOf(authx.verify(fresh.accessToken))).toBe('granted')
    expect(await reasonOf(refresh(fresh.refreshToken))).toBe('granted')
    expect(await reasonOf(authx.verify(other.accessToken))).toBe('granted')
  })

  it('REV-09: keeps a revoked refresh token refused to its end, also one that the store has no session of', async () => {
    const { authx, advance } = await start()
    const { refreshToken } = await authx.createTokenPair({ sub: 'anna' })
    await authx.revoke({ token: refreshToken })
    for (let day = 0; day < 20; day++) {
      expect(await reasonOf(authx.verify(refreshToken, { type: 'refresh' }))).toBe('TOKEN_REVOKED')
      advance(86_399)
      await authx.purge()
    }
  })

  it('REV-09: keeps it refused when lifetimes were shortened while it lived', async () => {
    let now = 1_800_000_000_000
    const clock = () => now
    const store = await sqlite(':memory:', { clock })
    const [before, after] = [
      createAuthX({ secret: SECRET, sessions: store, clock }),
      createAuthX({
        secret: SECRET,
        sessions: store,
        clock,
        refreshTokenTtl: 3600,
        maxTokenAge: { refresh: 1_728_000 },
      }),
    ]
    open.push(before, after)
    const { refreshToken } = await before.sessions.login({ sub: 'anna' })
    await after.sessions.refresh(await after.verify(refreshToken, { type: 'refresh' }))
    await after.revoke({ token: refreshToken })
    for (let day = 0; day < 20; day++) {
      expect(await reasonOf(after.verify(refreshToken, { type: 'refresh' }))).toBe('TOKEN_REVOKED')
      now += 86_390_000
      await after.purge()
    }
  })

  it('names the mend where there is no session store', async () => {
    const authx = createAuthX({ secret: SECRET })
    open.push(authx)
    await expect(authx.sessions.login({ sub: 'anna' })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ConfigurationError: sessions: this needs a session store; give createAuthX one, such as { sessions: await sqlite("authx.db") }]`,
    )
  })
})

describe("a user's own sessions", () => {
  it('SES-01: begin anew at every login', async () => {
    const { authx } = await start()
    const sids = new Set<string>()
    for (let count = 0; count < 5; count++) {
      sids.add((await authx.verify((await authx.sessions.login({ sub: 'anna' })).accessToken)).sid)
    }
    expect(sids.size).toBe(5)
  })

  it('SES-02: are listed with what they run on and when they were used, and can be ended one by one', async () => {
    const { authx, advance, refresh, refreshClaims } = await start()
    const phone = await authx.sessions.login({ sub: 'anna', device: 'Phone/1.0', address: '192.0.2.1' })
    advance(10)
    await authx.sessions.login({ sub: 'anna' })
    advance(10)
    await refresh(phone.refreshToken)
    const { sid } = await refreshClaims(phone.refreshToken)
    const began = 1_800_000_000_000
    const listed = await authx.sessions.list('anna')
    expect(listed).toEqual([
      {
        sid,
        sub: 'anna',
        device: 'Phone/1.0',
        address: '192.0.2.1',
        createdAt: began,
        lastUsedAt: began + 20_000,
        expiresAt: began + 20_000 + 1_728_000_000,
      },
      expect.objectContaining({ device: null, address: null, createdAt: began + 10_000 }),
    ])
    expect(await authx.sessions.revoke({ sub: 'anna', sid })).toBe(true)
    expect(await authx.sessions.revoke({ sub: 'anna', sid })).toBe(false)
    expect(await reasonOf(authx.verify(phone.accessToken))).toBe('TOKEN_REVOKED')
    expect((await authx.sessions.list('anna')).length).toBe(1)
  })

  it('keep 255 characters of what a client says of itself, and no half of one', async () => {
    const { authx } = await start()
    await authx.sessions.login({ sub: 'anna', device: `${'x'.repeat(254)}😀`, address: 'y'.repeat(300) })
    const [session] = await authx.sessions.list('anna')
    expect(session?.device).toBe(`${'x'.repeat(254)}\ufffd`)
    expect(session?.address).toBe('y'.repeat(255))
    await expect(authx.sessions.login({ sub: 'anna', device: 5 as never })).rejects.toThrow(TypeError)
  })

  it('S97: are counted and ended by user: two and one, and the other user untouched, tokens and all', async () => {
    const { authx } = await start()
    const anna = [await authx.sessions.login({ sub: 'anna' }), await authx.sessions.login({ sub: 'anna' })]
    const bert = await authx.sessions.login({ sub: 'bert' })
    const counts = async () =>
      Promise.all(['anna', 'bert'].map(async (sub) => (await authx.sessions.list(sub)).length))
    expect(await counts()).toEqual([2, 1])
    const { sid } = await authx.verify(anna[0]?.accessToken ?? '')
    // Not by somebody else (REV-07).
    expect(await authx.sessions.revoke({ sub: 'bert', sid })).toBe(false)
    expect(await authx.sessions.revoke({ sub: 'anna', sid })).toBe(true)
    expect(await counts()).toEqual([1, 1])
    expect(await authx.sessions.revokeAll('anna')).toBe(1)
    expect(await counts()).toEqual([0, 1])
    for (const { accessToken } of anna)
      expect(await reasonOf(authx.verify(accessToken))).toBe('TOKEN_REVOKED')
    expect(await reasonOf(authx.verify(bert.accessToken))).toBe('granted')
  })

  it('can be ended all but one, which goes on', async () => {
    const { authx, refresh } = await start()
    const [one, here] = [
      await authx.sessions.login({ sub: 'anna' }),
      await authx.sessions.login({ sub: 'anna' }),
    ]
    const { sid } = await authx.verify(here.accessToken)
    expect(await authx.sessions.revokeAll('anna', { except: sid })).toBe(1)
    expect(await reasonOf(refresh(one.refreshToken))).toBe('TOKEN_REVOKED')
    expect(await reasonOf(refresh(here.refreshToken))).toBe('granted')
  })

  it('REV-15: end everywhere with every token, also one that belongs to no session', async () => {
    const { authx } = await start()
    const loose = await authx.createAccessToken({ sub: 'anna' })
    expect(await authx.sessions.revokeAll('anna')).toBe(0)
    expect(await reasonOf(authx.verify(loose))).toBe('TOKEN_REVOKED')
    expect(await reasonOf(authx.verify(await authx.createAccessToken({ sub: 'anna' })))).toBe('granted')
  })

  it('SES-03: are limited by maxSessions: the oldest is over, its tokens too, when one is too many', async () => {
    const { authx, advance, refresh } = await start({ maxSessions: 2 })
    const pairs = []
    for (let count = 0; count < 3; count++) {
      pairs.push(await authx.sessions.login({ sub: 'anna' }))
      advance(1)
    }
    const [first, second, third] = pairs as [(typeof pairs)[0], (typeof pairs)[0], (typeof pairs)[0]]
    expect(await reasonOf(authx.verify(first.accessToken))).toBe('TOKEN_REVOKED')
    expect(await reasonOf(refresh(first.refreshToken))).toBe('TOKEN_REVOKED')
    for (const { accessToken } of [second, third]) {
      expect(await reasonOf(authx.verify(accessToken))).toBe('granted')
    }
    const racing = await Promise.all(Array.from({ length: 10 }, () => authx.sessions.login({ sub: 'anna' })))
    const fates = await Promise.all(racing.map(({ accessToken }) => reasonOf(authx.verify(accessToken))))
    expect(fates.filter((fate) => fate === 'granted').length).toBe(2)
  })

  it('SES-04: live as docs/revocation.md says, which names what NIST asks for', async () => {
    const page = readFileSync('docs/revocation.md', 'utf8')
    for (const said of ['20 days', '90 days', 'NIST SP 800-63B', 'sessionTtl: 2_592_000']) {
      expect(page).toContain(said)
    }
    const { authx, advance } = await start()
    const { expiresAt, createdAt } = (await login(authx))[0] ?? { expiresAt: 0, createdAt: 0 }
    expect(expiresAt - createdAt).toBe(20 * 86_400_000)
    advance(20 * 86_400)
    expect(await authx.sessions.list('anna')).toEqual([])
  })

  async function login(authx: AuthX) {
    await authx.sessions.login({ sub: 'anna' })
    return authx.sessions.list('anna')
  }

  it('S98: are an error of configuration without a session store, never an empty list', async () => {
    const authx = createAuthX({ secret: SECRET })
    open.push(authx)
    const mend = 'sessions: this needs a session store'
    await expect(authx.sessions.list('anna')).rejects.toThrow(mend)
    await expect(authx.sessions.revoke({ sub: 'anna', sid: 'one' })).rejects.toThrow(mend)
    await expect(authx.sessions.revokeAll('anna')).rejects.toThrow(mend)
  })

  it('take no name that is none for a user or a session', async () => {
    const { authx } = await start()
    for (const nobody of ['', undefined as never]) {
      await expect(authx.sessions.list(nobody)).rejects.toThrow(
        'sessions.list: sub must be a text of 1 to 255 characters',
      )
      await expect(authx.sessions.revokeAll(nobody)).rejects.toThrow('sessions.revokeAll: sub must be')
      await expect(authx.sessions.revoke({ sub: 'anna', sid: nobody })).rejects.toThrow(
        'sessions.revoke: sid must be',
      )
    }
    await expect(authx.sessions.revokeAll('anna', { except: '' })).rejects.toThrow(
      'sessions.revokeAll: except must be',
    )
  })
})
