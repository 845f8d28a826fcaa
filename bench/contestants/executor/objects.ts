import { deepStrictEqual } from 'node:assert/strict'
import { type ExecutionResult, execute, type GraphQLSchema, parse, validate } from 'graphql'

export const OBJECTS = 1000
const NAMES = Array.from({ length: 10 }, (_, at) => `field${at}`)

/** Where a rule can stand, written as whoever reads it writes it; nothing where there is none. */
export interface Places {
  readonly root?: string
  readonly type?: string
  readonly leaf?: string
  readonly nested?: boolean
}

/** Fields of one object. */
const LEAVES = NAMES.join(' ')

/** A list of 1,000 objects with 10 fields each; nested, 10 lists of 10 of 10. */
export function sdl({ root = '', type = '', leaf = '', nested = false }: Places = {}): string {
  const item = `type Item ${type} { ${NAMES.map((name) => `${name}: String ${leaf}`).join('\n')} }`
  return nested
    ? `type Query { shelves: [Shelf] ${root} } type Shelf ${type} { boxes: [Box] } type Box ${type} { items: [Item] } ${item}`
    : `type Query { items: [Item] ${root} } ${item}`
}

const item = Object.fromEntries(NAMES.map((name) => [name, name]))
const items = Array.from({ length: OBJECTS }, () => item)
const ten = <Value>(value: Value): Value[] => Array.from({ length: 10 }, () => value)

/** Answers with what is there, at once. */
export const resolvers = {
  Query: { items: () => items },
}
export const nestedResolvers = {
  Query: { shelves: () => ten({ boxes: ten({ items: ten(item) }) }) },
}

export const DOCUMENT = parse(`{ items { ${LEAVES} } }`)
export const NESTED = parse(`{ shelves { boxes { items { ${LEAVES} } } } }`)

/** What `run` of a flat contestant has to have answered: all of the data, and no error. */
export function checkAll({ data, errors }: ExecutionResult): void {
  deepStrictEqual(errors, undefined)
  deepStrictEqual(JSON.parse(JSON.stringify(data)), { items })
}

export function checkNested({ data, errors }: ExecutionResult): void {
  deepStrictEqual(errors, undefined)
  deepStrictEqual(JSON.parse(JSON.stringify(data)), nestedData())
}

function nestedData(): unknown {
  return { shelves: nestedResolvers.Query.shelves() }
}

/** Nothing was answered, and so many errors say why. */
export function checkRefused({ data, errors = [] }: ExecutionResult, count: number): void {
  deepStrictEqual(errors.length, count)
  deepStrictEqual(JSON.stringify(data ?? null).includes('"field0":"field0"'), false)
}

/** A valid document is executed; validation is no part of what is measured. */
export function executor(schema: GraphQLSchema, document = DOCUMENT) {
  deepStrictEqual(validate(schema, document), [])
  return (contextValue?: object): ExecutionResult | Promise<ExecutionResult> =>
    execute({ schema, document, ...(contextValue === undefined ? {} : { contextValue }) }) as
      | ExecutionResult
      | Promise<ExecutionResult>
}
