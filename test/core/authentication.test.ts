import { describe, expect, test, vi } from 'vitest'
import type { Verdict } from '../../src/core/authentication.ts'
import { Refusal } from '../../src/core/refusal.ts'
import type { Requirement } from '../../src/core/requirement.ts'
import type { TokenBlocklistCallback } from '../../src/core/revocation.ts'
import { openEngine, type TestEngine } from '../harness/engine.ts'
import { ACCESS, forge, forgeRefresh } from '../harness/forge.ts'
import { bearer, carrier } from '../harness/instance.ts'

const RULE: Requirement = { type: 'access', fresh: false, scopes: [], optional: false }
const LOCKED: Requirement = { type: 'access', fresh: true, scopes: [[['admin']]], optional: false }
const nameOf = (verdict: Verdict): string => (verdict instanceof Refusal ? verdict.reason : 'granted')

/** What a new request with this token gets from a rule. */
async function judge(engine: TestEngine, token: string, rule: Requirement = RULE): Promise<string> {
  return nameOf(await engine.request(bearer(token), rule.type).judge(rule, {}, undefined))
}

test('a good token gives its claims', () => {
  expect(openEngine().request(bearer(forge())).judge(RULE, {}, undefined)).toEqual(ACCESS)
})

test('the first step that fails decides: locate, verify, type, revocation, fresh, scopes', async () => {
  const engine = openEngine({}, (_, { claims }) => claims.jti === 'gone')
  const expired = { exp: (ACCESS.iat as number) - 10, iat: (ACCESS.iat as number) - 20 }
  const ladder = [
    ['', 'TOKEN_MALFORMED'],
    [forge({ payload: { ...expired, jti: 'gone' } }), 'TOKEN_EXPIRED'],
    [forgeRefresh({ payload: { jti: 'gone' } }), 'ACCESS_TOKEN_REQUIRED'],
    [forge({ payload: { jti: 'gone' } }), 'TOKEN_REVOKED'],
    [forge(), 'FRESH_TOKEN_REQUIRED'],
    [forge({ payload: { fresh: true } }), 'SCOPES_MISSING'],
    [forge({ payload: { fresh: true, scope: 'admin' } }), 'granted'],
  ] as const
  for (const [token, expected] of ladder) expect(await judge(engine, token, LOCKED)).toBe(expected)
  expect(nameOf(await engine.request(carrier()).judge(LOCKED, {}, undefined))).toBe('TOKEN_MISSING')
})

test('BRR-08: a token that was presented is never taken for none', async () => {
  const engine = openEngine()
  for (const value of ['Bearer', 'Bearer ', 'Bearer x', `Bearer ${forge()}x`, 'Bearer a b', 'Bearer a\nb']) {
    const verdict = await engine.request(carrier({ authorization: value })).judge(RULE, {}, undefined)
    expect(nameOf(verdict)).toMatch(/^TOKEN_(MALFORMED|INVALID)$/)
  }
})

test('REV-20, S38: garbage, forgeries and tokens that are over cause no traffic to callback or store', async () => {
  const callback = vi.fn(() => false)
  const engine = openEngine({}, callback)
  const expired = { exp: (ACCESS.iat as number) - 10, iat: (ACCESS.iat as number) - 20 }
  const tokens = [
    'garbage',
    'a.b.c',
    `${forge().slice(0, -3)}AAA`,
    forge({ header: { alg: 'none' } }),
    forge({ header: { kid: 'x' } }),
    forge({ payload: expired }),
    forge({ payload: { nbf: ACCESS.exp } }),
    forge({ payload: { sid: 5 } }),
    forgeRefresh(),
  ]
  for (const token of tokens) expect(await judge(engine, token)).not.toBe('granted')
  expect([callback.mock.calls, engine.store.calls]).toEqual([[], []])
  expect(await judge(engine, forge())).toBe('granted')
  expect([callback.mock.calls.length, engine.store.calls]).toEqual([1, ['isRevoked']])
})

describe('what is remembered', () => {
  test('a token is located and verified once for a request, and not before a rule asks', async () => {
    const engine = openEngine()
    const headerValues = vi.fn(() => [`Bearer ${forge()}`])
    const verify = vi.spyOn(engine.codec, 'verify')
    const authentication = engine.request({ headerValues })
    const counts = (): readonly number[] => [headerValues.mock.calls.length, verify.mock.calls.length]
    expect([authentication.wasAsked, counts()]).toEqual([false, [0, 0]])
    for (let field = 0; field < 25; field++) await authentication.judge(RULE, {}, undefined)
    expect([authentication.wasAsked, counts()]).toEqual([true, [1, 1]])
  })

  test('a refusal is remembered too', () => {
    const engine = openEngine()
    const verify = vi.spyOn(engine.codec, 'verify')
    const authentication = engine.request(bearer('garbage'))
    expect(
      [1, 2, 3].map((unit) => nameOf(authentication.judge(RULE, { unit }, undefined) as Verdict)),
    ).toEqual(Array(3).fill('TOKEN_MALFORMED'))
    expect(verify).toHaveBeenCalledTimes(1)
  })

  test.each<[string, TokenBlocklistCallback]>([
    ['synchronous', () => false],
    ['asynchronous', async () => false],
  ])('a %s callback is asked once for each unit, and side by side too', async (_, answer) => {
    const callback = vi.fn(answer)
    const engine = openEngine({}, callback)
    const authentication = engine.request(bearer(forge()))
    const [query, event] = [{}, {}]
    await Promise.all(Array.from({ length: 10 }, () => authentication.judge(RULE, query, undefined)))
    await authentication.judge(LOCKED, query, undefined)
    expect([callback.mock.calls.length, engine.store.calls.length]).toEqual([1, 1])
    await authentication.judge(RULE, event, undefined)
    expect([callback.mock.calls.length, engine.store.calls.length]).toEqual([2, 2])
  })

  test('after the first answer of a unit every decision is synchronous', async () => {
    const authentication = openEngine({}, async () => false).request(bearer(forge()))
    const unit = {}
    expect(authentication.judge(RULE, unit, undefined)).toBeInstanceOf(Promise)
    await authentication.judge(RULE, unit, undefined)
    expect(authentication.judge(RULE, unit, undefined)).toEqual(ACCESS)
    expect(authentication.judge(LOCKED, unit, undefined)).toMatchObject({ reason: 'FRESH_TOKEN_REQUIRED' })
  })

  test('the callback gets the context that was handed in', async () => {
    const callback = vi.fn<TokenBlocklistCallback>(() => false)
    const context = { user: 1 }
    await openEngine({}, callback).request(bearer(forge())).judge(RULE, {}, context)
    expect(callback.mock.calls[0]?.[1].context).toBe(context)
    expect(callback.mock.calls[0]?.[1].location).toBe('headers')
  })
})

describe('REV-19: what is remembered is not trusted for longer', () => {
  test('REV-19: a token that expires meanwhile is refused in the next unit, unasked', () => {
    const engine = openEngine()
    const authentication = engine.request(bearer(forge()))
    const first = {}
    expect(nameOf(authentication.judge(RULE, first, undefined) as Verdict)).toBe('granted')
    engine.clock.advance(904)
    expect(nameOf(authentication.judge(RULE, {}, undefined) as Verdict)).toBe('granted')
    engine.clock.advance(1)
    expect(nameOf(authentication.judge(RULE, {}, undefined) as Verdict)).toBe('TOKEN_EXPIRED')
    expect(engine.store.calls).toEqual(['isRevoked', 'isRevoked'])
  })

  test('REV-19: a token that is revoked meanwhile is refused in the next unit', async () => {
    const engine = openEngine()
    const authentication = engine.request(bearer(forge()))
    await authentication.judge(RULE, {}, undefined)
    await engine.endings.revoke({ sid: ACCESS.sid as string })
    expect(nameOf(await authentication.judge(RULE, {}, undefined))).toBe('TOKEN_REVOKED')
  })

  test('REV-19: what one token was found to be says nothing about its neighbour', async () => {
    const engine = openEngine()
    const token = forge()
    expect(await judge(engine, token)).toBe('granted')
    expect(await judge(engine, `${token.slice(0, -2)}AA`)).toMatch(/^TOKEN_(MALFORMED|INVALID)$/)
  })

  test('REV-13: an answer that was not to be had is asked for again in the next unit', async () => {
    const answers: unknown[] = ['broken', false]
    const engine = openEngine({}, () => answers.shift() as boolean)
    const authentication = engine.request(bearer(forge()))
    expect(nameOf(await authentication.judge(RULE, {}, undefined))).toBe('REVOCATION_UNAVAILABLE')
    expect(nameOf(await authentication.judge(RULE, {}, undefined))).toBe('granted')
  })
})
