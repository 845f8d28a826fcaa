import { expect, test } from 'vitest'
import { fieldContextTypes } from '../../src/codegen/field-context-types.ts'
import type { ContextType } from '../../src/codegen/vouched.ts'

interface Given {
  readonly vouched: Readonly<Record<string, readonly ContextType[]>>
  readonly own?: readonly string[]
  readonly declared?: readonly string[]
}

function entries({ vouched, own = [], declared = [] }: Given): string[] {
  const typesFrom = 'graphql-authx'
  return fieldContextTypes({ vouched: new Map(Object.entries(vouched)), typesFrom, own, declared })
}

test('an entry puts what is vouched for around the context, and each type that is used is imported once', () => {
  const vouched: Given['vouched'] = {
    'Query.a': ['Authenticated'],
    'Query.b': ['Authenticated', 'WithOptionalToken'],
    'Query.c': ['Refreshing'],
  }
  expect(entries({ vouched })).toMatchInlineSnapshot(`
    [
      "authx Authenticated#graphql-authx#Authenticated",
      "authx Refreshing#graphql-authx#Refreshing",
      "authx WithOptionalToken#graphql-authx#WithOptionalToken",
      "Query.a#Authenticated<ContextType>",
      "Query.b#WithOptionalToken<Authenticated<ContextType>>",
      "Query.c#Refreshing<ContextType>",
    ]
  `)
})

test("a field's own context type stays where nothing is vouched for, and else is what the rule adds to", () => {
  const own = [
    'Query.open#./context.ts#Open',
    'Query.a#Local',
    'Query.b#./context.ts#Mine',
    'Query.c#./context.ts#Mine as Yours',
    'Query.d#./context.ts#default as Other',
    'Query.e#\\#context#Scoped',
    'Query.f#./context.ts#Space.Inner',
    'Query.g#./old.ts#Old',
    'Query.g#./new.ts#New',
  ]
  const ruled = [...'abcdefg'].map((name): [string, ContextType[]] => [`Query.${name}`, ['Authenticated']])
  expect(entries({ vouched: Object.fromEntries(ruled), own })).toMatchInlineSnapshot(`
    [
      "authx Authenticated#graphql-authx#Authenticated",
      "Query.open#./context.ts#Open",
      "own Query.a#Local",
      "own Query.b#./context.ts#Mine",
      "own Query.c#./context.ts#Mine as Yours",
      "own Query.d#./context.ts#default as Other",
      "own Query.e#\\#context#Scoped",
      "own Query.f#./context.ts#Space.Inner",
      "own Query.g#./new.ts#New",
      "Query.a#Authenticated<Local>",
      "Query.b#Authenticated<Mine>",
      "Query.c#Authenticated<Yours>",
      "Query.d#Authenticated<Other>",
      "Query.e#Authenticated<Scoped>",
      "Query.f#Authenticated<Space.Inner>",
      "Query.g#Authenticated<New>",
    ]
  `)
})

test.each(['Refreshing', 'refreshing', 'REFRESHING'])('a type of the schema keeps its name: %s', (name) => {
  const vouched: Given['vouched'] = { 'Query.a': ['Authenticated'], 'Query.b': ['Refreshing'] }
  expect(entries({ vouched, declared: ['Query', name] })).toEqual([
    'authx Authenticated#graphql-authx#Authenticated',
    'authx Refreshing#graphql-authx#Refreshing as AuthXRefreshing',
    'Query.a#Authenticated<ContextType>',
    'Query.b#AuthXRefreshing<ContextType>',
  ])
})
