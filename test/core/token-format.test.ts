import { describe, expect, test, vi } from 'vitest'
import { Codec } from '../../src/core/codec.ts'
import { Refusal } from '../../src/core/refusal.ts'
import { LONGEST_TOKEN, takeApart } from '../../src/core/token-format.ts'
import { cases } from '../harness/cases.ts'
import { encode, forge } from '../harness/forge.ts'
import { testSettings } from '../harness/instance.ts'
import { spellings, trailingBitVariants } from '../harness/spellings.ts'

const TOKEN = forge()
const codec = new Codec(testSettings())
const [HEADER = '', PAYLOAD = '', SIGNATURE = ''] = TOKEN.split('.')

/** The reason of a refusal, or `accepted`. */
function outcome(token: unknown): string {
  const parts = takeApart(token as string)
  return parts instanceof Refusal ? parts.reason : 'accepted'
}

/** A token whose payload is padded to give it exactly this many bytes. */
function ofLength(length: number): string {
  const rest = length - `${HEADER}..${SIGNATURE}`.length
  const bytes = Math.floor((rest * 3) / 4)
  const payload = encode(`{"x":"${'a'.repeat(bytes - 8)}"}`)
  return `${HEADER}.${payload}.${SIGNATURE}${'A'.repeat(rest - payload.length)}`
}

test('TOK-06: takes a well-formed token apart', () => {
  expect(takeApart(`${encode('{"alg":"x"}')}.${encode('{"sub":"ada"}')}.AAAA`)).toEqual({
    header: { alg: 'x' },
    payload: { sub: 'ada' },
  })
})

test.each([
  ['nothing', ''],
  ['two segments', `${HEADER}.${PAYLOAD}`],
  ['an empty signature', `${HEADER}.${PAYLOAD}.`],
  ['an empty payload', `${HEADER}..${SIGNATURE}`],
  ['an empty header', `.${PAYLOAD}.${SIGNATURE}`],
  ['a JWE of five segments', `${HEADER}.${PAYLOAD}.${SIGNATURE}.AAAA.AAAA`],
  ['JSON serialisation', JSON.stringify({ payload: PAYLOAD, protected: HEADER, signature: SIGNATURE })],
  ['a letter of another alphabet', TOKEN.replace('e', 'е')],
  ['a line feed at the end', `${TOKEN}\n`],
  ['a NUL inside', `${HEADER}.${PAYLOAD}\0.${SIGNATURE}`],
  ['a NUL at the end', `${TOKEN}\0`],
  ['a comma and a second token', `${TOKEN},${TOKEN}`],
  ['a scheme', `Bearer ${TOKEN}`],
])('TOK-06: refuses %s', (_, token) => {
  expect(outcome(token)).toBe('TOKEN_MALFORMED')
})

test.each(cases(undefined, null, 5, {}, [TOKEN], { length: 5, toString: () => TOKEN }))(
  'TOK-06: refuses %o, which is no text',
  (token) => {
    expect(outcome(token)).toBe('TOKEN_MALFORMED')
  },
)

test('TOK-06: refuses padding, spaces and the standard alphabet in every segment', () => {
  const other = spellings(`${HEADER}.${PAYLOAD}.${SIGNATURE.slice(0, -2)}-_`)
  expect(other.length).toBeGreaterThan(40)
  expect(other.filter((token) => outcome(token) !== 'TOKEN_MALFORMED')).toEqual([])
})

describe('TOK-07', () => {
  test('TOK-07: refuses every non-canonical last character', () => {
    const twoLeft = `${HEADER}.${PAYLOAD}.${'A'.repeat(86)}`
    const variants = trailingBitVariants('A'.repeat(86))
    expect(outcome(twoLeft)).toBe('accepted')
    expect(variants).toHaveLength(15)
    for (const variant of variants) expect(outcome(`${HEADER}.${PAYLOAD}.${variant}`)).toBe('TOKEN_MALFORMED')
  })

  test('TOK-07: accepts exactly the texts that encode(decode(text)) gives back', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const start of ['AAAA', 'AAAAA', 'AAAAAA', 'AAA']) {
      for (const last of alphabet) {
        const segment = start + last
        const isCanonical = Buffer.from(segment, 'base64url').toString('base64url') === segment
        expect(outcome(`${HEADER}.${PAYLOAD}.${segment}`)).toBe(isCanonical ? 'accepted' : 'TOKEN_MALFORMED')
      }
    }
  })

  test('TOK-07: holds for header and payload as well', () => {
    const header = trailingBitVariants(encode('{"alg":"x"}')).map((text) => `${text}.${PAYLOAD}.AAAA`)
    const payload = trailingBitVariants(encode('{"a":1}')).map((text) => `${HEADER}.${text}.AAAA`)
    expect([header.length, payload.length]).toEqual([3, 15])
    expect([...header, ...payload].map(outcome)).toEqual(Array(18).fill('TOKEN_MALFORMED'))
  })
})

test.each([
  ['a header with a name twice', '{"alg":"HS256","alg":"none"}', '{}'],
  ['a payload with a name twice', '{}', '{"sub":"ada","sub":"eve"}'],
  ['a header that is a list', '[]', '{}'],
  ['a payload that is null', '{}', 'null'],
  ['a header that is no UTF-8', Buffer.from('{"a":"\xff"}', 'latin1'), '{}'],
  ['a payload that is no UTF-8', '{}', Buffer.from('{"a":"\xff"}', 'latin1')],
  ['a header that is nested too deep', `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`, '{}'],
])('TOK-09: refuses %s', (_, header, payload) => {
  expect(outcome(`${encode(header)}.${encode(payload)}.AAAA`)).toBe('TOKEN_MALFORMED')
})

describe('TOK-08', () => {
  test('TOK-08: reads a token of 8 KiB and refuses one byte more', () => {
    expect(LONGEST_TOKEN).toBe(8192)
    expect(ofLength(8192)).toHaveLength(8192)
    expect([8192, 8193].map((length) => outcome(ofLength(length)))).toEqual(['accepted', 'TOKEN_MALFORMED'])
  })

  test.each([
    ['taking it apart', takeApart],
    ['verifying it', (token: string) => codec.verify(token)],
  ])('TOK-08: %s never cuts, decodes or parses a longer one', (_, look) => {
    const parse = vi.spyOn(JSON, 'parse')
    const slice = vi.spyOn(String.prototype, 'slice')
    const from = vi.spyOn(Buffer, 'from')
    const token = ofLength(1_000_000)
    for (const spy of [parse, slice, from]) spy.mockClear()
    look(token)
    const calls = [parse, slice, from].map((spy) => spy.mock.calls.length)
    look(TOKEN)
    const control = [parse, slice, from].map((spy) => spy.mock.calls.length > 0)
    vi.restoreAllMocks()
    expect(calls).toEqual([0, 0, 0])
    expect(control).toEqual([true, true, true])
  })
})
