import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseStrictObject } from '../../src/core/strict-json.ts'

const read = (text: string): unknown => parseStrictObject(Buffer.from(text))
const nested = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`

test.each([
  'null',
  '[]',
  '[{"a":1}]',
  '"text"',
  '1',
  'true',
  '',
  ' ',
  '{',
  '{"a":1}{"b":2}',
  '{a:1}',
  '\ufeff{}',
])('CLM-01: %o is no JSON object', (text) => {
  expect(read(text)).toBeUndefined()
})

test('CLM-01: reads an object with spaces, escapes and every kind of value', () => {
  expect(read(' { "a\\"b" : "x:{}[]\\"," , "c" : [1, "d", {"e": null}], "\\u0066": "e" }\n')).toEqual({
    'a"b': 'x:{}[]",',
    c: [1, 'd', { e: null }],
    f: 'e',
  })
})

test.each([
  '{"a":1,"a":1}',
  '{"a":1,"b":{},"a":2}',
  '{"a":1,"\\u0061":2}',
  '{"a" :1,"a"\n\t: 2}',
  '{"x":{"a":1,"a":2}}',
  '{"x":[{"a":1},{"a":1,"b":2,"a":3}]}',
  '{"":1,"":2}',
  '{"\\\\":1,"\\\\":2}',
])('TOK-09: refuses a name that comes twice: %s', (text) => {
  expect(read(text)).toBeUndefined()
})

test('TOK-09: lets one name be in two objects, and a value equal a name', () => {
  expect(read('{"a":{"a":"a"},"b":[{"a":1},{"a":"b"}]}')).toEqual({
    a: { a: 'a' },
    b: [{ a: 1 }, { a: 'b' }],
  })
})

test.each(['{"__proto__":1}', '{"a":[{"__proto__":{}}]}', '{"\\u005f_proto__":{"isAdmin":true}}'])(
  'CLM-11: refuses the name __proto__: %s',
  (text) => {
    expect(read(text)).toBeUndefined()
  },
)

test.each([
  ['a lone continuation byte', [0x80]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['half a character', [0xe2, 0x82]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['a byte that is never UTF-8', [0xff]],
])('TOK-09: refuses %s', (_, bytes) => {
  const text = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')])
  expect(parseStrictObject(text)).toBeUndefined()
})

test('TOK-09: reads 16 levels of nesting and refuses 17, of objects and of lists', () => {
  expect(read(nested(16))).toBeDefined()
  expect(read(nested(17))).toBeUndefined()
  expect(read(`{"a":${'['.repeat(15)}${']'.repeat(15)}}`)).toBeDefined()
  expect(read(`{"a":${'['.repeat(16)}${']'.repeat(16)}}`)).toBeUndefined()
})

test('TOK-15: reads back whatever JSON.stringify wrote', () => {
  const name = fc.string({ unit: 'binary' }).filter((text) => text !== '__proto__')
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.json({ maxDepth: 0 }).map((json) => JSON.parse(json) as unknown),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(name, tie('any'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).any
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (object) => {
      const text = JSON.stringify(object)
      expect(read(text)).toEqual(JSON.parse(text))
    }),
  )
})

test('TOK-15: answers any bytes with an object or undefined, and never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
      const bytes = Buffer.from(octets)
      const value = parseStrictObject(bytes)
      expect(value === undefined || typeof value === 'object').toBe(true)
    }),
  )
})
