import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { openEngine } from '../harness/engine.ts'
import { decode } from '../harness/forge.ts'
import { openAuthX } from '../harness/instance.ts'

describe('what a token says', () => {
  test('an access token of few words', async () => {
    const { authx } = openAuthX()
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect([decode(token, 0), decode(token, 1)]).toMatchInlineSnapshot(`
      [
        {
          "alg": "HS256",
          "kid": "default",
          "typ": "at+jwt",
        },
        {
          "auth_time": 1750000000,
          "exp": 1750000900,
          "fresh": false,
          "iat": 1750000000,
          "jti": "AAAAAAAAAAAAAAAAAAAAAA",
          "sid": "AAAAAAAAAAAAAAAAAAAAAQ",
          "sub": "ada",
          "type": "access",
          "ue": 0,
        },
      ]
    `)
  })

  test('an access token of many', async () => {
    const { authx } = openAuthX({ issuer: 'https://login.example', audience: ['api', 'web'] })
    const token = await authx.createAccessToken({
      sub: 'ada',
      fresh: true,
      scopes: ['read', 'users:*'],
      claims: { name: 'Ada', roles: ['admin'] },
      expiresIn: 60,
      sid: 'a-session',
      authTime: 1_749_999_000,
    })
    expect(decode(token, 1)).toMatchInlineSnapshot(`
      {
        "aud": [
          "api",
          "web",
        ],
        "auth_time": 1749999000,
        "exp": 1750000060,
        "fresh": true,
        "iat": 1750000000,
        "iss": "https://login.example",
        "jti": "AAAAAAAAAAAAAAAAAAAAAA",
        "name": "Ada",
        "roles": [
          "admin",
        ],
        "scope": "read users:*",
        "sid": "a-session",
        "sub": "ada",
        "type": "access",
        "ue": 0,
      }
    `)
  })

  test('S47: a refresh token, which is never fresh', async () => {
    const { authx } = openAuthX()
    const token = await authx.createRefreshToken({ sub: 'ada', fresh: true })
    expect([decode(token, 0), decode(token, 1)]).toMatchInlineSnapshot(`
      [
        {
          "alg": "HS256",
          "kid": "default",
          "typ": "rt+jwt",
        },
        {
          "auth_time": 1750000000,
          "exp": 1751728000,
          "gen": 0,
          "iat": 1750000000,
          "jti": "AAAAAAAAAAAAAAAAAAAAAA",
          "sid": "AAAAAAAAAAAAAAAAAAAAAQ",
          "sub": "ada",
          "type": "refresh",
          "ue": 0,
        },
      ]
    `)
  })

  test('a pair, which shares its session and nothing that names one token', async () => {
    const { authx } = openAuthX()
    const { accessToken, refreshToken, ...rest } = await authx.createTokenPair({ sub: 'ada', scopes: [] })
    expect(rest).toEqual({ csrfToken: null, tokenType: 'Bearer', expiresIn: 900 })
    const [access, refresh] = [decode(accessToken, 1), decode(refreshToken, 1)]
    expect(access.sid).toBe(refresh.sid)
    expect(access.jti).not.toBe(refresh.jti)
    expect([access.scope, refresh.scope, access.type, refresh.type]).toEqual(['', '', 'access', 'refresh'])
  })

  test('one audience is a text, several are a list, and one of its own stands instead', async () => {
    const aud = async (audience: string | string[], own?: string): Promise<unknown> => {
      const { authx } = openAuthX({ audience })
      return decode(await authx.createAccessToken({ sub: 'ada', ...(own && { audience: own }) }), 1).aud
    }
    expect([await aud('api'), await aud(['api', 'web']), await aud('api', 'other')]).toEqual([
      'api',
      ['api', 'web'],
      'other',
    ])
  })

  test('expiresIn is of the access token alone', async () => {
    const { authx } = openAuthX({ maxTokenAge: { access: 3600 } })
    const pair = await authx.createTokenPair({ sub: 'ada', expiresIn: 3600 })
    const lives = [pair.accessToken, pair.refreshToken].map((token) => {
      const { iat, exp } = decode(token, 1) as { iat: number; exp: number }
      return exp - iat
    })
    expect([...lives, pair.expiresIn]).toEqual([3600, 1_728_000, 3600])
  })
})

test('CLM-07: 100 000 ids of the real source are all distinct, of 128 bits each', () => {
  const sizes = new Set<number>()
  const random = (size: number): Uint8Array => {
    sizes.add(size)
    return randomBytes(size)
  }
  const { issuer } = openEngine({ random })
  const ids = new Set(Array.from({ length: 100_000 }, () => issuer.newId()))
  expect([ids.size, [...sizes]]).toEqual([100_000, [16]])
  for (const id of ids)
    if (!/^[A-Za-z0-9_][A-Za-z0-9_-]{20}[AQgw]$/.test(id)) expect.fail(`${id} is not 128 bits of base64url`)
})

test('no id begins with a -, which a command line would take for an option', () => {
  const ids = [0xf7, 0xf8, 0xfb, 0xfc].map((byte) =>
    openEngine({ random: (size) => new Uint8Array(size).fill(byte) }).issuer.newId(),
  )
  expect(ids.map((id) => id.slice(0, 3))).toEqual(['9_f', 'ePj', 'e_v', '_Pz'])
})

test("every time comes from the store's clock, not from ours", async () => {
  const { authx, clock, store } = openAuthX()
  const reading = { epoch: 7, now: clock() + 3_000_999 }
  const { authx: other } = openAuthX({
    blocklist: Object.assign(Object.create(store), { readEpoch: async () => reading }),
  })
  const claims = decode(await other.createAccessToken({ sub: 'ada' }), 1)
  expect(claims).toMatchObject({ iat: 1_750_003_000, exp: 1_750_003_900, auth_time: 1_750_003_000, ue: 7 })
  expect(decode(await authx.createAccessToken({ sub: 'ada' }), 1)).toMatchObject({
    iat: 1_750_000_000,
    ue: 0,
  })
})

test('a session near its end bounds its access token, and expiresIn says so', () => {
  const { issuer, clock } = openEngine()
  const now = clock()
  const session = {
    sid: 's',
    sub: 'ada',
    generation: 3,
    createdAt: now,
    rotatedAt: now,
    expiresAt: now + 100_000,
    device: null,
    address: null,
  }
  const pair = issuer.pair({ sub: 'ada' }, { epoch: 0, now }, session)
  expect(decode(pair.accessToken, 1)).toMatchObject({ sid: 's', exp: 1_750_000_100 })
  expect(decode(pair.refreshToken, 1)).toMatchObject({ sid: 's', jti: 's.3', gen: 3, exp: 1_750_000_100 })
  expect(pair.expiresIn).toBe(100)
})
