import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/core/configuration-error.ts'
import { bearerHeader, locate, type TokenLocation } from '../../src/core/locations.ts'
import { Refusal } from '../../src/core/refusal.ts'
import { RequestToken } from '../../src/core/request-token.ts'
import { bearer, carrier, openAuthX, testSettings } from '../harness/instance.ts'

/** The text that a location finds, the reason why it refuses, or `nothing`. */
function find(value: string | readonly string[], location: TokenLocation = bearerHeader()): string {
  const found = location.find(carrier({ authorization: value }), 'access')
  return found instanceof Refusal
    ? `refused: ${found.reason}`
    : found === undefined
      ? 'nothing'
      : `found: ${found}`
}

describe('BRR-01', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('BRR-01: takes the scheme %s', (scheme) => {
    expect([' ', '  ', '      '].map((spaces) => find(`${scheme}${spaces}a.b.c`))).toEqual(
      Array(3).fill('found: a.b.c'),
    )
  })

  test.each([
    'Bearer\ta.b.c',
    'Basic a.b.c',
    'Digest x="y"',
    'Bearera.b.c',
    'Bearer2 a.b.c',
    'a.b.c',
    'X Bearer a.b.c',
    '',
  ])('BRR-01: finds nothing in %j, which is another scheme', (value) => {
    expect(find(value)).toBe('nothing')
  })

  test('BRR-01: takes off the spaces around a header, which are not part of it', () => {
    expect(find('  Bearer a.b.c \t')).toBe('found: a.b.c')
  })
})

test('BRR-02: looks at the Authorization header alone, unless told otherwise', () => {
  const { locations } = testSettings()
  expect([locations.access, locations.refresh].map((list) => list.map(({ name }) => name))).toEqual([
    ['headers'],
    ['headers'],
  ])
  const request = {
    ...carrier({ cookie: 'token=a.b.c', 'x-token': 'a.b.c' }),
    query: { token: 'a.b.c' },
    body: { token: 'a.b.c' },
  }
  expect(openAuthX().authx.getTokenFromRequest(request)).toBeNull()
})

describe('BRR-03', () => {
  test.each<[string, string | readonly string[]]>([
    ['two headers', ['Bearer a.b.c', 'Bearer d.e.f']],
    ['one header twice', ['Bearer a.b.c', 'Bearer a.b.c']],
    ['another scheme after', ['Bearer a.b.c', 'Basic x']],
    ['another scheme before', ['Basic x', 'Bearer a.b.c']],
    ['two joined by a comma', 'Bearer a.b.c, Bearer d.e.f'],
    ['two joined without a space', 'Bearer a.b.c,bearer d.e.f'],
    ['a joined one after another scheme', 'Basic x, \tBEARER d.e.f'],
  ])('BRR-03: %s are a bad request', (_, value) => {
    expect(find(value)).toBe('refused: CREDENTIALS_AMBIGUOUS')
    expect(() => openAuthX().authx.getTokenFromRequest(carrier({ authorization: value }))).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', reason: 'CREDENTIALS_AMBIGUOUS' }),
    )
  })
})

describe('BRR-08', () => {
  test.each([
    ['Bearer', 'found: '],
    ['Bearer ', 'found: '],
    ['Bearer garbage', 'found: garbage'],
    ['Bearer a b', 'found: a b'],
    ['Bearer a,b', 'found: a,b'],
    ['Bearer a\nb', 'found: a\nb'],
    ['Bearer \u0000', 'found: \u0000'],
  ])('BRR-08: %j presents a token, however bad', (value, expected) => {
    expect(find(value)).toBe(expected)
  })
})

describe('a header of its own', () => {
  const bare = bearerHeader({ header: 'X-Api-Token', scheme: '' })

  test('S17: an empty scheme takes the whole value', () => {
    expect(bare.find(carrier({ 'x-api-token': ' a.b.c ' }), 'access')).toBe('a.b.c')
    expect(bare.find(carrier({ 'x-api-token': 'a.b.c, d.e.f' }), 'access')).toMatchObject({
      reason: 'CREDENTIALS_AMBIGUOUS',
    })
    expect(bare.find(bearer('a.b.c'), 'access')).toBeUndefined()
  })

  test.each([{ header: '' }, { header: 'a b' }, { header: 'a:b' }, { scheme: 'a b' }, { scheme: '.*' }])(
    'refuses %o',
    (options) => {
      const [name] = Object.keys(options)
      expect(() => bearerHeader(options)).toThrow(ConfigurationError)
      expect(() => bearerHeader(options)).toThrow(`bearerHeader.${name}: not the name of a ${name}`)
    },
  )
})

describe('several locations', () => {
  const header = bearerHeader()
  const other = bearerHeader({ header: 'X-Other' })
  const both = carrier({ authorization: 'Bearer one', 'x-other': 'Bearer two' })

  test('S15: the first that has a token wins, and one that contradicts itself ends the search', () => {
    const first = (list: readonly TokenLocation[], request = both): unknown => {
      const found = locate(list, request, 'access')
      return found instanceof RequestToken ? found.token : found
    }
    expect([first([header, other]), first([other, header]), first([])]).toEqual(['one', 'two', undefined])
    const twice = carrier({ authorization: ['Bearer one', 'Bearer one'], 'x-other': 'Bearer two' })
    expect(first([header, other], twice)).toMatchObject({ reason: 'CREDENTIALS_AMBIGUOUS' })
    expect(first([header, other], carrier({ authorization: 'Basic x', 'x-other': 'Bearer two' }))).toBe('two')
  })

  test('S53: each type has its own', () => {
    const { authx } = openAuthX({ locations: { refresh: [other] } })
    expect(authx.getTokenFromRequest(both)?.token).toBe('one')
    expect(authx.getTokenFromRequest(both, { type: 'refresh' })).toMatchObject({
      type: 'refresh',
      token: 'two',
    })
  })
})

test('GQL-10: a RequestToken gives its text when asked, and spills it nowhere', () => {
  const token = new RequestToken('the-text', 'access', 'headers')
  expect(token.token).toBe('the-text')
  const spilled = [
    JSON.stringify({ token }),
    String(token),
    inspect({ token }, { depth: 9, showHidden: true }),
    inspect({ token }, { depth: 9, getters: true }),
    JSON.stringify({ ...token }),
    JSON.stringify(structuredClone(token)),
  ]
  expect(spilled.filter((text) => text.includes('the-text'))).toEqual([])
  expect(JSON.stringify(token)).toBe('{"type":"access","location":"headers"}')
  expect(Object.isFrozen(token)).toBe(true)
})
