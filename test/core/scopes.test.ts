import { describe, expect, test } from 'vitest'
import type { Claims } from '../../src/core/claims.ts'
import { addRequirement, type Requirement, refuseRest, refuseType } from '../../src/core/requirement.ts'
import { type ScopeGroups, satisfies, satisfiesGroups } from '../../src/core/scopes.ts'
import { ACCESS, REFRESH } from '../harness/forge.ts'

const rule = (parts: Partial<Requirement> = {}): Requirement => ({
  type: 'access',
  fresh: false,
  scopes: [],
  optional: false,
  ...parts,
})
const claims = (parts: object = {}): Claims => ({ ...ACCESS, ...parts }) as unknown as Claims

/** What a rule says to claims, type first: the reason, or `granted`. */
function judge(requirement: Requirement, holder: Claims): string {
  return (refuseType(requirement, holder) ?? refuseRest(requirement, holder))?.reason ?? 'granted'
}

describe('one scope', () => {
  test.each([
    ['read', 'read', true],
    ['read', 'write', false],
    ['read', 'READ', false],
    ['read', 'read ', false],
    ['admin:*', 'admin', true],
    ['admin:*', 'admin:users', true],
    ['admin:*', 'admin:users:edit', true],
    ['admin:*', 'administrator', false],
    ['admin:users:*', 'admin:users', true],
    ['admin:users:*', 'admin', false],
    ['users:*', 'admin:users', false],
    ['admin', 'admin:*', false],
    ['admin', 'admin:users', false],
    ['admin:*', 'admin:*', true],
    ['admin:users:*', 'admin:*', false],
    ['*', 'read', false],
    ['*', '*', true],
    [':*', 'read', false],
    [':*', ':read', false],
    ['*:*', 'admin:users', false],
    ['admin*', 'admin:users', false],
    ['', 'read', false],
  ])('S64, S65: %j satisfies %j: %s', (held, required, expected) => {
    expect(satisfies(held, required)).toBe(expected)
  })
})

describe('groups', () => {
  test.each<[string, readonly string[], ScopeGroups, boolean]>([
    ['S61: the one that is required', ['read'], [['read']], true],
    ['S61: another one', ['write'], [['read']], false],
    ['S61: none', [], [['read']], false],
    ['S62: both of two', ['write', 'read'], [['read', 'write']], true],
    ['S62: one of two', ['read'], [['read', 'write']], false],
    ['S63: either of two groups', ['moderator'], [['admin'], ['moderator']], true],
    ['S63: neither', ['read'], [['admin'], ['moderator']], false],
    [
      'S63: half of each',
      ['a', 'c'],
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      false,
    ],
    ['a group that lost all it asks for', ['a'], [[], ['b']], false],
    ['S64: a wildcard for two', ['admin:*'], [['admin:users', 'admin:posts']], true],
  ])('%s', (_, held, groups, expected) => {
    expect(satisfiesGroups(held, groups)).toBe(expected)
  })

  test('S66: a rule that asks for no scope is satisfied by any token', () => {
    for (const holder of [
      claims(),
      claims({ scope: '' }),
      claims({ scopes: [] }),
      claims({ scope: 'read' }),
    ]) {
      expect(judge(rule(), holder)).toBe('granted')
    }
  })

  test('every level has to be satisfied, and the first that is not is named', () => {
    const scopes = [[['a']], [['b'], ['c']]]
    expect(judge(rule({ scopes }), claims({ scope: 'a c' }))).toBe('granted')
    expect(refuseRest(rule({ scopes }), claims({ scope: 'a' }))).toEqual({
      code: 'FORBIDDEN',
      reason: 'SCOPES_MISSING',
      details: { scopes: [['b'], ['c']] },
    })
  })

  test('S68: a refusal names what is required and nothing that the caller holds', () => {
    const refusal = refuseRest(rule({ scopes: [[['a']]] }), claims({ scope: 'held-by-caller' }))
    expect(JSON.stringify(refusal)).not.toContain('held-by-caller')
  })
})

describe('the order of decisions', () => {
  const fresh = rule({ fresh: true, scopes: [[['admin']]] })
  const refresh = claims({ ...REFRESH, scope: 'admin' })

  test('S43: a token that is not fresh is refused where a fresh one is asked for', () => {
    expect(judge(rule({ fresh: true }), claims())).toBe('FRESH_TOKEN_REQUIRED')
    expect(judge(rule({ fresh: true }), claims({ fresh: true }))).toBe('granted')
  })

  test('S44: type comes before fresh', () => {
    expect(judge(fresh, refresh)).toBe('ACCESS_TOKEN_REQUIRED')
    expect(judge(fresh, claims({ ...REFRESH, fresh: true }))).toBe('ACCESS_TOKEN_REQUIRED')
  })

  test('S49: an access token is refused where a refresh token is asked for', () => {
    expect(judge(rule({ type: 'refresh' }), claims({ fresh: true }))).toBe('REFRESH_TOKEN_REQUIRED')
    expect(judge(rule({ type: 'refresh' }), refresh)).toBe('granted')
  })

  test('fresh comes before scopes', () => {
    expect(judge(fresh, claims())).toBe('FRESH_TOKEN_REQUIRED')
    expect(judge(fresh, claims({ fresh: true }))).toBe('SCOPES_MISSING')
    expect(judge(fresh, claims({ fresh: true, scope: 'admin' }))).toBe('granted')
  })
})

test('two rules add up: fresh anywhere is fresh, every level stays, an equal one once', () => {
  const one = rule({ fresh: true, scopes: [[['a']]] })
  const other = rule({ scopes: [[['a']], [['b']]] })
  const sum = { type: 'access', fresh: true, optional: false, scopes: [[['a']], [['b']]] }
  expect(addRequirement(one, other)).toEqual(sum)
  expect(addRequirement(other, one).fresh).toBe(true)
  expect(addRequirement(other, other)).toEqual(other)
})
