import { createYoga, type Plugin } from 'graphql-yoga'
import jwt from 'jsonwebtoken'
import { describe, expect, test, vi } from 'vitest'
import { useAuthX, useBodyLimit } from '../../src/graphql/adapters/yoga.ts'
import { isGuarded } from '../../src/graphql/guard.ts'
import { fieldAt, guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { ownPromisesOf, promisesOf } from '../harness/promises.ts'

/*
 * What a guarded request costs, counted instead of timed: a promise or a verification too many is a regression that no clock on a busy machine would show.
 */

const verify = vi.spyOn(jwt, 'verify')

const TYPES = `
  type Query { open: [Row!]! guarded: [Row!]! @auth leaves: [Guarded!]! }
  type Row { a: Int b: Int c: Int }
  type Guarded { a: Int @auth b: Int @auth c: Int @auth }
`
const rows = Array.from({ length: 100 }, () => ({ a: 1, b: 2, c: 3 }))
const resolvers = { Query: { open: () => rows, guarded: () => rows, leaves: () => rows } }

function yogaOf(schema: ReturnType<typeof guarded>, plugins: readonly Plugin[]) {
  const yoga = createYoga({ schema, logging: false, maxRequestBodySize: false, plugins: [...plugins] })
  return async (query: string, token: string): Promise<void> => {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }
    const init = { method: 'POST', headers, body: JSON.stringify({ query }) }
    const { data, errors } = (await (await yoga.fetch('http://localhost/graphql', init)).json()) as {
      data?: object
      errors?: object
    }
    expect({ data: data !== undefined, errors }).toEqual({ data: true, errors: undefined })
  }
}

async function open() {
  const { authx, store } = openAuthX()
  const callback = authx.setTokenBlocklistCallback(vi.fn(() => false))
  const schema = guarded(authx, TYPES, resolvers)
  const token = await authx.createAccessToken({ sub: 'ada' })
  const ours = yogaOf(schema, [useBodyLimit(100_000), useAuthX(authx)])
  const without = yogaOf(schema, [useBodyLimit(100_000)])
  return { callback, schema, store, token, ours, without }
}

describe('a request with a token that came before', () => {
  test.each([
    ['a field', '{ guarded { a b c } }'],
    ['three hundred leaves', '{ leaves { a b c } }'],
  ])('makes as many promises as one without auth where %s is guarded', async (_, query) => {
    const { ours, without, token } = await open()
    const open_ = '{ open { a b c } }'
    for (const [ask, text] of [[ours, query], [ours, query], [without, open_]] as const) await ask(text, token) // biome-ignore format: one list
    const unguarded = await promisesOf(() => without(open_, token))
    expect(await promisesOf(() => ours(query, token))).toBe(unguarded)
    // Those of the body limit.
    const read = await ownPromisesOf(() => without(open_, token))
    expect(await ownPromisesOf(() => ours(query, token))).toEqual(read)
  })

  test('verifies nothing, and asks once whether it is revoked, however many leaves are guarded', async () => {
    const { ours, token, callback, store } = await open()
    for (let times = 0; times < 2; times += 1) await ours('{ leaves { a b c } }', token)
    verify.mockClear()
    callback.mockClear()
    store.calls.length = 0
    await ours('{ leaves { a b c } guarded { a } }', token)
    const counted = { verified: verify.mock.calls.length, callback: callback.mock.calls.length }
    expect({ ...counted, store: store.calls }).toEqual({ verified: 0, callback: 1, store: ['isRevoked'] })
  })
})

test('only a field with a rule is wrapped', async () => {
  const { schema } = await open()
  const resolverAt = (coordinate: string) => fieldAt(schema, coordinate).resolve
  expect(
    ['Query.open', 'Row.a', 'Query.guarded', 'Guarded.a'].map((at) => isGuarded(resolverAt(at))),
  ).toEqual([false, false, true, true])
})

test('a refused field costs no stack', async () => {
  const { authx } = openAuthX()
  const field = fieldAt(guarded(authx, TYPES, resolvers), 'Query.guarded')
  const info = {
    operation: { operation: 'query' },
    fieldNodes: [],
    path: { key: 'guarded' },
    variableValues: {},
  }
  const context = authx.serving.open({ headerValues: () => [] }).contextMembers({})
  let caught: unknown
  try {
    field.resolve?.(undefined, {}, context, info as never)
  } catch (error) {
    caught = error
  }
  expect(caught).toMatchObject({ reason: 'TOKEN_MISSING', path: ['guarded'] })
  expect((caught as Error).stack).not.toContain('\n')
})
