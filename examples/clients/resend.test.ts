import { parse } from 'graphql'
import { expect, it } from 'vitest'
import { hasRunNothing } from './resend.ts'

const expired = (...path: (string | number)[]) => ({ path, extensions: { reason: 'TOKEN_EXPIRED' } })
const whole = { extensions: { reason: 'TOKEN_EXPIRED' } }
const failed = (...path: string[]) => ({ path, extensions: { code: 'INTERNAL_SERVER_ERROR' } })

it.each([
  ['a query', '{ open profile }', [expired('profile')]],
  ['the one field of a mutation', 'mutation { note }', [expired('note')]],
  ['the one field under an alias', 'mutation { mine: note }', [expired('mine')]],
  [
    'one field that is asked for twice',
    'mutation { note ...F } fragment F on Mutation { note }',
    [expired('note')],
  ],
  [
    'one field, beside what a client adds',
    'mutation { ...F } fragment F on Mutation { note __typename }',
    [expired('note')],
  ],
  ['a mutation of one field, as a whole', 'mutation { note }', [whole]],
  ['every field of a mutation', 'mutation { a: note ... { b: note } }', [expired('a'), expired('b')]],
])('nothing has run where the server refused %s', (_, document, errors) => {
  expect(hasRunNothing(parse(document), errors)).toBe(true)
})

it.each([
  ['a field before it was not refused', 'mutation { order note }', [expired('note')]],
  [
    'one in a fragment was not',
    'mutation { ...F note } fragment F on Mutation { ... { order } }',
    [expired('note')],
  ],
  [
    'one that is left out was not, for all that we know',
    'mutation { order @skip(if: true) note }',
    [expired('note')],
  ],
  ['one failed in another way', 'mutation { order note }', [failed('order'), expired('note')]],
  ['what was refused is within it', 'mutation { order { note } }', [expired('order', 'note')]],
  [
    'what was refused is within one of them',
    'mutation { order { note } note }',
    [expired('order', 'note'), expired('note')],
  ],
  ['the one field was not', 'mutation { order }', [failed('order')]],
  ['nobody says which of them was refused', 'mutation { order note }', [whole]],
  [
    'nobody says what was, and something was within it',
    'mutation { order { note } }',
    [whole, expired('order', 'note')],
  ],
  [
    'another operation of the document has more',
    'mutation A { note } mutation B { order note }',
    [expired('note')],
  ],
])('a mutation may have run where %s', (_, document, errors) => {
  expect(hasRunNothing(parse(document), errors)).toBe(false)
})
