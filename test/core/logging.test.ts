import { afterEach, describe, expect, test, vi } from 'vitest'
import { consoleLogger, loggable, withoutTokens } from '../../src/core/logger.ts'
import { MESSAGES, REASONS, Refusal, type RefusalReason, refuse } from '../../src/core/refusal.ts'
import { encode, forge, forgeRefresh } from '../harness/forge.ts'
import { testKey } from '../harness/keys.ts'

const TOKEN = forge()

afterEach(() => {
  vi.restoreAllMocks()
})

describe('GQL-10: takes tokens out of texts', () => {
  const settings: Record<string, (token: string) => string> = {
    alone: (token) => token,
    'in a sentence': (token) => `cannot look up ${token}, sorry`,
    'in a header': (token) => `authorization: Bearer ${token}`,
    'in JSON': (token) => JSON.stringify({ token }),
    'in a URL': (token) => `https://api.example/?token=${token}&x=1`,
    'in an encoded URL': (token) => `returnTo=%2F%3Ftoken%3D${token}`,
    'after an underscore': (token) => `access_${token}`,
    'cut off': (token) => token.slice(0, -20),
    'without its header': (token) => token.slice(token.indexOf('.') + 1),
  }
  const tokens = {
    HS256: TOKEN,
    RS256: forge({ key: testKey('RS256') }),
    refresh: forgeRefresh(),
    'another spelling': `${TOKEN}==`,
    'a header that begins with a space': forge({ header: '{ "alg":"HS256"}' }),
    'a JWE': [...TOKEN.split('.'), 'AAAA', 'BBBB'].join('.'),
  }

  test.each(Object.entries(settings))('GQL-10: %s', (_, embed) => {
    for (const token of Object.values(tokens)) {
      const text = withoutTokens(embed(token))
      expect(text).toContain('[token removed]')
      expect(text).not.toContain(token.split('.')[1]?.slice(0, 40))
    }
  })

  test('GQL-10: reads a long text once, however often a token could begin in it', () => {
    const starts = 'eyJ'.repeat(200_000)
    expect(withoutTokens(starts)).toBe(starts)
    expect(withoutTokens('-ey'.repeat(200_000))).toHaveLength(600_000)
    expect(withoutTokens(`ey.eyJ.${starts}.AAAA`)).toBe('ey.eyJ.[token removed]')
  })

  test('GQL-10: leaves other texts as they are', () => {
    const text = 'keyboard.input at /home/grey/keystore.node.js: eyes.on.you; money.transfer.failed 10.0.0.1'
    expect(withoutTokens(text)).toBe(text)
  })
})

describe('loggable', () => {
  test('keeps name, message, stack and causes of an error, without tokens', () => {
    const error = new TypeError(`no ${TOKEN}`, { cause: new Error(`since ${TOKEN}`, { cause: TOKEN }) })
    error.stack = `TypeError: no ${TOKEN}\n    at somewhere`
    ;(error.cause as Error).stack = ''
    expect(loggable(error)).toEqual({
      name: 'TypeError',
      message: 'no [token removed]',
      stack: 'TypeError: no [token removed]\n    at somewhere',
      cause: { name: 'Error', message: 'since [token removed]', stack: '', cause: '[token removed]' },
    })
  })

  test.each([
    ['a text', `no ${TOKEN}`, 'no [token removed]'],
    ['an object', { token: TOKEN }, 'object'],
    ['nothing', undefined, 'undefined'],
    ['a function', () => TOKEN, 'function'],
  ])('says of %s that was thrown no more than it may', (_, thrown, expected) => {
    expect(loggable(thrown)).toBe(expected)
  })

  test('an error whose fields are no texts is no second failure', () => {
    const odd = Object.assign(new Error('x'), { name: { a: 1 }, stack: [{ file: TOKEN }] })
    Object.defineProperty(odd, 'message', { value: Object.create(null) })
    expect(loggable(odd)).toEqual({ name: 'object', message: 'object', stack: 'object' })
  })

  test('a chain of causes ends, even one that is a ring', () => {
    const error = new Error('ring')
    error.cause = error
    expect(JSON.stringify(loggable(error)).match(/"message":"ring"/g)).toHaveLength(5)
  })
})

test('the default logger writes one line to the console', () => {
  const [warn, error] = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')].map((spy) =>
    spy.mockReturnValue(),
  )
  consoleLogger.warn({ a: 1 }, 'one')
  consoleLogger.error({ b: 2 }, 'two')
  expect([warn?.mock.calls, error?.mock.calls]).toEqual([
    [['graphql-authx: one', { a: 1 }]],
    [['graphql-authx: two', { b: 2 }]],
  ])
})

describe('refusals', () => {
  test('every reason has its code, and every code one wording', () => {
    expect(REASONS).toMatchInlineSnapshot(`
      {
        "ACCESS_TOKEN_REQUIRED": "UNAUTHENTICATED",
        "CREDENTIALS_AMBIGUOUS": "BAD_REQUEST",
        "CREDENTIALS_WRONG": "UNAUTHENTICATED",
        "CSRF_MISMATCH": "FORBIDDEN",
        "CSRF_MISSING": "FORBIDDEN",
        "FRESH_TOKEN_REQUIRED": "UNAUTHENTICATED",
        "POLICY_REFUSED": "FORBIDDEN",
        "REALM_MISMATCH": "FORBIDDEN",
        "REFRESH_TOKEN_REQUIRED": "UNAUTHENTICATED",
        "REVOCATION_UNAVAILABLE": "SERVICE_UNAVAILABLE",
        "SCOPES_MISSING": "FORBIDDEN",
        "SUBJECT_UNKNOWN": "UNAUTHENTICATED",
        "TOKEN_EXPIRED": "UNAUTHENTICATED",
        "TOKEN_INVALID": "UNAUTHENTICATED",
        "TOKEN_MALFORMED": "UNAUTHENTICATED",
        "TOKEN_MISSING": "UNAUTHENTICATED",
        "TOKEN_NOT_YET_VALID": "UNAUTHENTICATED",
        "TOKEN_REUSED": "UNAUTHENTICATED",
        "TOKEN_REVOKED": "UNAUTHENTICATED",
        "TOO_MANY_ATTEMPTS": "RATE_LIMITED",
      }
    `)
    expect(Object.keys(MESSAGES).sort()).toEqual([...new Set(Object.values(REASONS))].sort())
  })

  test('a refusal without details is shared, frozen and made of nothing but its reason', () => {
    for (const reason of Object.keys(REASONS) as RefusalReason[]) {
      const refusal = refuse(reason)
      expect(refuse(reason)).toBe(refusal)
      expect(Object.isFrozen(refusal)).toBe(true)
      expect({ ...refusal }).toEqual({ reason, code: REASONS[reason], details: {} })
    }
  })

  test('one with details is its own', () => {
    const refusal = refuse('SCOPES_MISSING', { scopes: [['a']] })
    expect(refusal).toBeInstanceOf(Refusal)
    expect(refuse('SCOPES_MISSING').details).toEqual({})
    expect(refusal.details).toEqual({ scopes: [['a']] })
  })

  test('GQL-10: no message has a place for what came in', () => {
    for (const message of Object.values(MESSAGES)) expect(message).toMatch(/^[A-Z][a-z' ]+\.$/)
    expect(encode('{"').startsWith('ey')).toBe(true)
  })
})
