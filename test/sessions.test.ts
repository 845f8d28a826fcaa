import { afterEach, describe, expect, it } from 'vitest'
import { AuthError, type AuthX, type AuthXOptions, createAuthX, type RefreshClaims } from '../src/index.ts'
import { sqlite } from '../src/stores/sqlite.ts'

const SECRET = 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa'
const open: AuthX[] = []
afterEach(() => Promise.all(open.splice(0).map((authx) => authx.close())))

/** Sessions in a real SQLite, on a clock that tests move. */
async function start(options: Partial<AuthXOptions> = {}) {
  let now = 1_800_000_000_000
  const clock = () => now
  const authx = createAuthX({
    secret: SECRET,
    sessions: await sqlite(':memory:', { clock }),
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

  it('REF-02, REF-06: takes a replay after the window for theft, although there was a retry within it', async () => {
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
