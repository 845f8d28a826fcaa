import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { cases } from './harness/cases.ts'
import { settableClock } from './harness/clock.ts'
import { decode, forge, forgeRefresh } from './harness/forge.ts'
import { bearer, carrier, openAuthX, watchedMemory } from './harness/instance.ts'
import { signs, testKey } from './harness/keys.ts'
import { outcome } from './harness/outcome.ts'

describe('verify', () => {
  test('gives the claims of a good token, by its type', async () => {
    const { authx } = openAuthX()
    const { accessToken, refreshToken } = await authx.createTokenPair({ sub: 'ada' })
    expect((await authx.verify(accessToken)).fresh).toBe(false)
    expect((await authx.verify(refreshToken, { type: 'refresh' })).gen).toBe(0)
    expect(await outcome(authx.verify(refreshToken))).toBe('ACCESS_TOKEN_REQUIRED')
    expect(await outcome(authx.verify(accessToken, { type: 'refresh' }))).toBe('REFRESH_TOKEN_REQUIRED')
  })

  test.each(cases(undefined, null, 5, {}, [forge()], '', 'x'.repeat(10_000_000)))(
    'TOK-15: refuses %o',
    async (token) => {
      expect(await outcome(openAuthX().authx.verify(token as string))).toBe('TOKEN_MALFORMED')
    },
  )

  test('throws an AuthError that says code and reason, and nothing else', async () => {
    const error: unknown = await openAuthX()
      .authx.verify(forge({ header: { kid: 'x"\r\n' } }))
      .catch((reason) => reason)
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      message: 'Authentication is required.',
      extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_INVALID' },
    })
  })
})

describe('getTokenFromRequest', () => {
  const { authx } = openAuthX()

  test('S23, S26: gives the token as it is, whatever it is', () => {
    expect(authx.getTokenFromRequest(bearer('garbage'))).toMatchObject({
      token: 'garbage',
      type: 'access',
      location: 'headers',
    })
  })

  test('S22, S24: without one gives null, or refuses where it is not optional', () => {
    expect(authx.getTokenFromRequest(carrier())).toBeNull()
    expect(authx.getTokenFromRequest(carrier(), { optional: true })).toBeNull()
    expect(() => authx.getTokenFromRequest(carrier(), { optional: false })).toThrow(
      expect.objectContaining({ reason: 'TOKEN_MISSING' }),
    )
  })
})

describe('setTokenBlocklistCallback', () => {
  test('S41: gives back what it takes, and the last one stands', async () => {
    const { authx } = openAuthX()
    const token = await authx.createAccessToken({ sub: 'ada' })
    const first = vi.fn(() => true)
    const second = vi.fn(async () => false)
    expect(authx.setTokenBlocklistCallback(first)).toBe(first)
    expect(await outcome(authx.verify(token))).toBe('TOKEN_REVOKED')
    expect(authx.setTokenBlocklistCallback(second)).toBe(second)
    expect(await outcome(authx.verify(token))).toBe('accepted')
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1])
  })

  test.each([undefined, null, true, {}, 'no'])('refuses %o', (callback) => {
    const { authx } = openAuthX()
    expect(() => authx.setTokenBlocklistCallback(callback as never)).toThrow(TypeError)
  })

  test('says that the token came with no location and no context', async () => {
    const { authx } = openAuthX()
    const callback = vi.fn((_token: string, _details: object) => false)
    authx.setTokenBlocklistCallback(callback)
    await authx.verify(forge())
    expect(callback.mock.calls[0]?.[1]).toMatchObject({
      location: undefined,
      context: undefined,
      type: 'access',
    })
  })
})

describe('a store that is down', () => {
  const down = (): Promise<never> => Promise.reject(new Error('connection refused'))
  const broken = Object.assign(Object.create(watchedMemory(settableClock())), {
    revoke: down,
    readEpoch: down,
    isRevoked: down,
    purge: down,
    ping: down,
  })

  test('REV-06, REV-13: nothing is made, revoked or let through, and the cause is in the log alone', async () => {
    const { authx, log } = openAuthX({ blocklist: broken })
    const works = [
      authx.createAccessToken({ sub: 'ada' }),
      authx.createTokenPair({ sub: 'ada' }),
      authx.verify(forge()),
      authx.revoke({ sid: 'x' }),
      authx.revoke({ token: forgeRefresh() }),
    ]
    const errors = await Promise.all(works.map((work) => work.catch((error: unknown) => error)))
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', reason: 'REVOCATION_UNAVAILABLE' })
      expect(inspect(error, { depth: 9 })).not.toContain('connection refused')
    }
    expect(log.lines.filter((line) => line.includes('connection refused'))).toHaveLength(5)
    await expect(authx.ping()).rejects.toThrow('connection refused')
    expect(await authx.purge()).toBe(0)
    expect(log.lines.at(-1)).toMatch(/^error purging expired revocations failed/)
  })
})

test('OPS-04: a new key first, the old one still there: old tokens verify, and die when it is dropped', async () => {
  const [old, next] = [signs(testKey('HS256')), signs(testKey('ES256'))]
  const token = await openAuthX({ keys: [old] }).authx.createAccessToken({ sub: 'ada' })
  const { authx, clock } = openAuthX({ keys: [next, old] })
  expect(await outcome(authx.verify(token))).toBe('accepted')
  expect(decode(await authx.createAccessToken({ sub: 'ada' }), 0)).toMatchObject({ kid: 'es256' })
  expect(authx.jwks.keys.map(({ kid }) => kid)).toEqual(['es256'])
  expect(await outcome(openAuthX({ keys: [next] }).authx.verify(token))).toBe('TOKEN_INVALID')
  clock.advance(905)
  expect(await outcome(authx.verify(token))).toBe('TOKEN_EXPIRED')
})

test('two instances share nothing, and close closes the store', async () => {
  const [one, two] = [openAuthX(), openAuthX()]
  one.authx.setTokenBlocklistCallback(() => true)
  const token = await one.authx.createAccessToken({ sub: 'ada' })
  expect([await outcome(one.authx.verify(token)), await outcome(two.authx.verify(token))]).toEqual([
    'TOKEN_REVOKED',
    'accepted',
  ])
  await one.authx.close()
  expect([one.store.calls.at(-1), two.store.calls.includes('close')]).toEqual(['close', false])
  await expect(one.authx.ready()).rejects.toThrow('closed')
  await two.authx.ready()
})

test('GQL-10, BRR-07: no thrown message and no logged line holds a token, a secret or a byte of the caller', async () => {
  const marker = 'attacker-bytes'
  const { authx, log } = openAuthX()
  const good = await authx.createAccessToken({ sub: marker, claims: { marker } })
  authx.setTokenBlocklistCallback((token) => {
    throw new Error(`cannot look up ${token}`)
  })
  const hostile = [
    good,
    marker,
    `${good}\r\n${marker}`,
    forge({ header: { kid: `"${marker}\\` } }),
    forge({ header: { alg: marker } }),
    forge({ payload: { sub: [marker] } }),
    forge({ payload: { iss: [marker] } }),
  ]
  const thrown: string[] = []
  const keep = (error: unknown): void => {
    thrown.push(inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error))
  }
  for (const token of hostile) {
    await authx.verify(token).catch(keep)
    await authx.verify(token, { type: 'refresh' }).catch(keep)
    try {
      authx.getTokenFromRequest(carrier({ authorization: [`Bearer ${token}`, token] }))
    } catch (error) {
      keep(error)
    }
  }
  expect(thrown.length).toBe(hostile.length * 9)
  expect(log.lines.length).toBe(1)
  const [, payload = '', signature = ''] = good.split('.')
  const forbidden = [marker, payload.slice(0, 30), signature, 'test-secret']
  expect([...thrown, ...log.lines].filter((text) => forbidden.some((part) => text.includes(part)))).toEqual(
    [],
  )
})
