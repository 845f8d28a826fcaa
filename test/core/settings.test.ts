import { createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createAuthX } from '../../src/authx.ts'
import { ConfigurationError } from '../../src/core/configuration-error.ts'
import { type AuthXOptions, readSettings } from '../../src/core/settings.ts'
import { memory } from '../../src/stores/memory.ts'
import { cases } from '../harness/cases.ts'
import { SECRET, signs, testKey } from '../harness/keys.ts'

/** The message with which `createAuthX` refuses these options beside a good secret, or `accepted`. */
function outcome(options: object): string {
  try {
    void createAuthX({ secret: SECRET, ...options } as AuthXOptions).close()
    return 'accepted'
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
}

const COOKIES = { locations: { access: ['cookies'] } } as const

test('everything but a key has a default', () => {
  const { keys, clock, random, logger, blocklist, locations, ...rest } = readSettings(
    { secret: SECRET },
    () => memory(),
  )
  expect(rest).toMatchInlineSnapshot(`
    {
      "accessTokenTtl": 900,
      "audience": [],
      "callbackInterval": 5000,
      "callbackTimeout": 2000,
      "cookies": undefined,
      "csrf": undefined,
      "defaultPolicy": "public",
      "enforcement": "field",
      "hooks": {},
      "introspection": "full",
      "issuer": undefined,
      "leeway": 5,
      "maxSessions": undefined,
      "maxStaleness": 500,
      "maxTokenAge": {
        "access": 900,
        "refresh": 1728000,
      },
      "metrics": Metrics {
        "meter": NoopMeter {},
      },
      "monotonic": [Function],
      "refreshGrace": 10000,
      "refreshTokenTtl": 1728000,
      "rememberedTokens": 10000,
      "sessionTtl": 7776000,
      "sessions": undefined,
      "subject": undefined,
    }
  `)
  expect({
    kids: [...keys.byKid.keys()],
    clock: clock === Date.now,
    random: random(16).length,
    logger: Object.keys(logger),
    blocklist: typeof blocklist.isRevoked,
    locations: [locations.access, locations.refresh].map((list) => list.map(({ name }) => name)),
  }).toMatchInlineSnapshot(`
    {
      "blocklist": "function",
      "clock": true,
      "kids": [
        "default",
      ],
      "locations": [
        [
          "headers",
        ],
        [
          "headers",
        ],
      ],
      "logger": [
        "warn",
        "error",
      ],
      "random": 16,
    }
  `)
})

test('settings cannot be changed afterwards, not even through what was handed in', () => {
  const audience = ['api']
  const access = [...readSettings({ secret: SECRET }, () => memory()).locations.access]
  const settings = readSettings({ secret: SECRET, audience, locations: { access } }, () => memory())
  audience.push('evil')
  access.length = 0
  expect(settings.audience).toEqual(['api'])
  expect(settings.locations.access).toHaveLength(1)
  const { maxTokenAge, locations, keys } = settings
  expect(
    [settings, maxTokenAge, locations, locations.access, settings.audience, keys].every(Object.isFrozen),
  ).toBe(true)
})

describe('CLM-09', () => {
  test.each(cases('5', Number.NaN, Number.POSITIVE_INFINITY, -1, 61, 2.5, true, [5], {}, null))(
    'CLM-09: refuses leeway: %o',
    (leeway) => {
      expect(outcome({ leeway })).toBe('leeway: must be a whole number of seconds, from 0 to 60')
    },
  )

  test('CLM-09: accepts 0 and 60', () => {
    expect([0, 60].map((leeway) => outcome({ leeway }))).toEqual(['accepted', 'accepted'])
  })
})

describe('CLM-10', () => {
  test.each(cases(undefined, null, '', {}, 5, true, []))(
    'CLM-10: refuses the secret %o by name',
    (secret) => {
      expect(outcome({ secret })).toMatch(/^secret: /)
    },
  )

  test.each(['short', 'a'.repeat(64)])('TOK-04: names `secret` where %j is too weak', (secret) => {
    for (const key of [secret, Buffer.from(secret), createSecretKey(Buffer.from(secret))]) {
      expect(outcome({ secret: key })).toMatch(/^secret: .* make one with: openssl rand -hex 32$/)
    }
  })

  test.each(cases(null, '', 5, {}, [''], 'keys'))('CLM-10: refuses keys: %o by name', (keys) => {
    expect(outcome({ secret: undefined, keys })).toMatch(/^keys/)
  })

  test('CLM-10: refuses secret and keys together', () => {
    expect(outcome({ keys: [signs(testKey('ES256'))] })).toMatch(/^secret, keys: give one of the two/)
  })

  test.each(cases('', null, 5, ['x'], /x/, {}))('CLM-10: refuses issuer: %o', (issuer) => {
    expect(outcome({ issuer })).toMatch(/^issuer: must be a text that is not empty/)
  })

  test.each(cases('', null, 5, [], [''], ['api', undefined], /./, [/./], {}))(
    'CLM-10: refuses audience: %o',
    (audience) => {
      expect(outcome({ audience })).toMatch(/^audience: must be a text/)
    },
  )

  test.each(cases(undefined, null, 5, 'secret', []))(
    'CLM-10: refuses %o in place of all options',
    (options) => {
      expect(() => createAuthX(options as unknown as AuthXOptions)).toThrow(ConfigurationError)
    },
  )
})

test.each([
  [{ isuer: 'x' }, /^isuer: no such option; there are secret, keys, issuer/],
  [{ toString: 1 }, /^toString: no such option/],
  [{ maxTokenAge: { acess: 9000 } }, /^maxTokenAge.acess: no such option/],
  [{ locations: { acess: [] } }, /^locations.acess: no such option/],
  [{ maxTokenAge: 9000 }, /^maxTokenAge: /],
  [{ locations: [] }, /^locations/],
  [{ locations: { access: 'headers' } }, /^locations.access: must be a list of 'headers'/],
  [{ locations: { access: ['body'] } }, /^locations.access: must be a list of 'headers'/],
  [{ cookies: {} }, /^cookies: no token travels in a cookie; put 'cookies' into locations.access/],
  [{ csrf: {} }, /^csrf: no token travels in a cookie/],
  [{ csrf: false }, /^csrf: no token travels in a cookie/],
  [{ ...COOKIES, cookies: null }, /^cookies: must be an object/],
  [{ ...COOKIES, cookies: { domain: 'example.com' } }, /^cookies.domain: no such option/],
  [{ ...COOKIES, cookies: { secure: 'yes' } }, /^cookies.secure: must be true or false/],
  [{ ...COOKIES, cookies: { sameSite: 'None' } }, /^cookies.sameSite: must be 'Lax' or 'Strict'/],
  [{ ...COOKIES, cookies: { names: { acess: 'a' } } }, /^cookies.names.acess: no such option/],
  [{ ...COOKIES, cookies: { names: { access: 'a b' } } }, /^cookies.names.access: not the name of a cookie/],
  [{ ...COOKIES, cookies: { names: { csrf: '__host-c' } } }, /^cookies.names.csrf: not the name of a cookie/],
  [{ ...COOKIES, cookies: { names: { access: 'refresh_token' } } }, /^cookies.names: the three cookies need/],
  [
    { ...COOKIES, cookies: { refreshWithin: 0 } },
    /^cookies.refreshWithin: must be a whole number of seconds/,
  ],
  [
    { locations: { refresh: ['cookies'] }, cookies: { refreshWithin: 60 } },
    /^cookies.refreshWithin: needs 'cookies'/,
  ],
  [
    { ...COOKIES, cookies: { clearOnRefusal: 'Mutation.logout' } },
    /^cookies.clearOnRefusal: must be a list of schema/,
  ],
  [
    { ...COOKIES, cookies: { clearOnRefusal: ['logout'] } },
    /^cookies.clearOnRefusal: must be a list of schema/,
  ],
  [{ ...COOKIES, csrf: true }, /^csrf: must be an object/],
  [{ ...COOKIES, csrf: { header: 'X CSRF' } }, /^csrf.header: not the name of a header/],
  [{ ...COOKIES, csrf: { header: { acess: 'X' } } }, /^csrf.header.acess: no such option/],
  [{ locations: { refresh: [null] } }, /^locations.refresh: must be a list of 'headers'/],
  [{ maxTokenAge: { access: 899 } }, /^maxTokenAge.access: must be a whole number of seconds, at least 900$/],
  [
    { refreshTokenTtl: 100, maxTokenAge: { refresh: 99 } },
    /^maxTokenAge.refresh: must be a whole number of seconds, at least 100$/,
  ],
  [{ sessionTtl: 1_727_999 }, /^sessionTtl: must be a whole number of seconds, at least 1728000$/],
  [{ refreshGrace: 60_001 }, /^refreshGrace: must be a whole number of milliseconds, from 0 to 60000$/],
  [{ callbackTimeout: 0 }, /^callbackTimeout: must be a whole number of milliseconds, from 1 to 60000$/],
  [{ maxSessions: 0 }, /^maxSessions: must be a whole number, at least 1$/],
  [{ onLogin: 'log' }, /^onLogin: must be a function$/],
  [{ subject: null }, /^subject: must be a function$/],
  [{ clock: 5 }, /^clock: must be a function/],
  [{ random: 'bytes' }, /^random: must be a function/],
  [{ logger: console.log }, /^logger: must have the methods warn and error/],
  [{ logger: null }, /^logger: must have the methods warn and error/],
  [{ blocklist: {} }, /^blocklist: not a store/],
  [{ blocklist: null }, /^blocklist: not a store/],
  [{ sessions: { isRevoked: () => false } }, /^sessions: this store keeps no sessions/],
  [{ sessions: null }, /^sessions: /],
])('refuses %o and names the option', (options, message) => {
  expect(outcome(options)).toMatch(message)
})

test.each([
  'accessTokenTtl',
  'refreshTokenTtl',
  'sessionTtl',
  'refreshGrace',
  'callbackTimeout',
  'maxSessions',
])('%s takes whole numbers only', (name) => {
  for (const value of ['900', -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, null, true]) {
    expect(outcome({ [name]: value })).toMatch(new RegExp(`^${name}: must be a whole number`))
  }
})

test('the blocklist beside a session store is that store, or an error', () => {
  const store = memory()
  expect(outcome({ sessions: store })).toBe('accepted')
  expect(outcome({ sessions: store, blocklist: store })).toBe('accepted')
  expect(outcome({ sessions: store, blocklist: memory() })).toMatch(
    /^blocklist: the session store is the blocklist too/,
  )
})

test('no message about an option holds a secret', () => {
  const secret = `almost-a-good-secret-`
  const messages = [
    { secret },
    { secret, keys: [] },
    { secret: { kty: 'oct', k: secret } },
    { secret: undefined, keys: [{ alg: 'RS256', key: secret }] },
  ].map(outcome)
  expect(messages.filter((message) => message === 'accepted' || message.includes(secret))).toEqual([])
})
