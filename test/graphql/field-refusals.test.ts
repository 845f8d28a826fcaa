import { isNativeError } from 'node:util/types'
import { GraphQLError, graphql } from 'graphql'
import { describe, expect, test } from 'vitest'
import { AuthError } from '../../src/graphql/auth-error.ts'
import { guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const TYPES = `
  type Query { rows: [Row!]! }
  type Row { a: Int @auth b: Int @auth(scopes: ["b"]) row: Row }
`
const row = { a: 1, b: 2, row: { a: 3 } }

/** As whoever formats, masks or logs an error reads it. */
function shown(error: GraphQLError): object {
  const { nodes, source, positions, originalError, path, stack, name } = error
  return {
    json: JSON.parse(JSON.stringify(error)),
    text: error.toString(),
    spread: { ...error, path: undefined },
    kinds: [error instanceof AuthError, error instanceof GraphQLError, error instanceof Error],
    tag: Object.prototype.toString.call(error),
    isNative: isNativeError(error),
    ...{ nodes, source, positions, originalError, path, stack, name },
  }
}

async function refusedOf(query: string): Promise<readonly GraphQLError[]> {
  const { authx } = openAuthX()
  const schema = guarded(authx, TYPES, { Query: { rows: () => Array.from({ length: 50 }, () => row) } })
  const contextValue = {}
  const carrier = { method: 'POST', headerValues: () => [] }
  Object.assign(contextValue, authx.serving.open(carrier).contextMembers(contextValue))
  const { errors = [] } = await graphql({ schema, source: query, contextValue })
  return errors
}

describe('the errors of a list', () => {
  test('read as if each had been made in full', async () => {
    const errors = await refusedOf('{ rows { a b other: a row { a } } }')
    expect(errors).toHaveLength(200)
    for (const error of errors) {
      const { nodes = [], path = [], extensions } = error
      const field = { fieldNodes: nodes, path: pathOf(path) }
      const { stackTraceLimit } = Error
      Error.stackTraceLimit = 0
      const full = new AuthError(extensions.reason as 'TOKEN_MISSING', undefined, field as never)
      Error.stackTraceLimit = stackTraceLimit
      expect(shown(error)).toEqual(shown(full))
      expect(Object.keys(error).sort()).toEqual(Object.keys(full).sort())
    }
    expect(new Set(errors.map(({ path }) => path?.join('.'))).size).toBe(200)
  })

  test('share nothing that a plugin changes', async () => {
    const errors = await refusedOf('{ rows { a } }')
    expect(new Set(errors.map(({ extensions }) => extensions)).size).toBe(50)
    const [, second] = errors as [GraphQLError, { extensions: object; message: string }]
    Object.assign(second.extensions, { code: 'MASKED' })
    second.message = 'masked'
    expect(errors.filter(({ message }) => message === 'masked')).toHaveLength(1)
    expect(errors.filter(({ extensions }) => extensions.code === 'MASKED')).toHaveLength(1)
  })

  test('name every place where the field was asked for', async () => {
    const errors = await refusedOf('query { rows { a ...Again } } fragment Again on Row { a }')
    expect(errors.map(({ locations }) => locations?.length)).toEqual(Array.from({ length: 50 }, () => 2))
  })
})

function pathOf(path: readonly (string | number)[]): object | undefined {
  return path.reduce<object | undefined>((prev, key) => ({ prev, key }), undefined)
}
