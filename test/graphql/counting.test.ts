import jwt from 'jsonwebtoken'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { AuthX } from '../../src/index.ts'
import { EXECUTORS, gate, guarded, serve } from '../harness/graphql.ts'
import { openAuthX, type WatchedStore } from '../harness/instance.ts'

const verify = vi.spyOn(jwt, 'verify')

afterEach(() => void verify.mockClear())

const TYPES = `
  type Query { open: Int rows: [Row!]! one: Int @auth two: Int @auth refresh: Int @auth(type: REFRESH) maybe: Int @optionalToken }
  type Row @auth { a: Int b: Int c: Int d: Int e: Int f: Int g: Int h: Int i: Int j: Int }
  type Mutation { one: Row @auth two: Row @auth }
  type Subscription { ticks: Row @auth }
`
const row = { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10 }
const rows = Array.from({ length: 1000 }, () => row)
const resolvers = {
  Query: { open: () => 1, rows: () => rows, one: () => 1, two: () => 2, refresh: () => 3, maybe: () => 4 },
  Mutation: { one: () => row, two: () => row },
}

/** What was done since the start: tokens verified, callbacks asked, blocklists asked. */
function counter(authx: AuthX, store: WatchedStore, answer: () => boolean | Promise<boolean> = () => false) {
  const callback = authx.setTokenBlocklistCallback(vi.fn(answer))
  return () => ({
    verified: verify.mock.calls.length,
    callback: callback.mock.calls.length,
    blocklist: store.calls.filter((name) => name === 'isRevoked').length,
  })
}

describe.each(EXECUTORS)('in $executor', ({ open }) => {
  test.each([
    ['synchronous', () => false],
    ['asynchronous', async () => false],
  ])(
    'S27: ten thousand guarded fields of a query cost one verification and one question: %s callback',
    async (_, answer) => {
      const { authx, store } = openAuthX({ rememberedTokens: 0 })
      const count = counter(authx, store, answer)
      await using api = await open(authx, guarded(authx, TYPES, resolvers))
      const token = await authx.createAccessToken({ sub: 'ada' })
      const { data, refused } = await api.query('{ rows { a b c d e f g h i j } }', { token })
      expect((data as { rows: object[] }).rows.flatMap(Object.values)).toHaveLength(10_000)
      expect(refused).toEqual([])
      expect(count()).toEqual({ verified: 1, callback: 1, blocklist: 1 })
    },
  )

  test('ten thousand refusals cost as much', async () => {
    const { authx, store } = openAuthX({ rememberedTokens: 0 })
    const count = counter(authx, store, async () => true)
    await using api = await open(authx, guarded(authx, TYPES, resolvers))
    const token = await authx.createAccessToken({ sub: 'ada' })
    const { refused } = await api.query('{ rows { a b c d e f g h i j } }', { token })
    expect(refused).toHaveLength(10_000)
    expect(count()).toEqual({ verified: 1, callback: 1, blocklist: 0 })
  })

  test('a bad token is verified once, and nobody is asked about it', async () => {
    const { authx, store } = openAuthX({ rememberedTokens: 0 })
    const count = counter(authx, store)
    await using api = await open(authx, guarded(authx, TYPES, resolvers))
    const other = openAuthX({ secret: 'another secret of more than 32 bytes' })
    const token = await other.authx.createAccessToken({ sub: 'ada' })
    const { refused } = await api.query('{ one two rows { a b } }', { token })
    expect(new Set(refused.map((line) => line.split(': ')[1]))).toEqual(new Set(['TOKEN_INVALID']))
    expect(count()).toEqual({ verified: 1, callback: 0, blocklist: 0 })
  })

  test('two root fields of a mutation cost one verification and two questions, whatever is below them', async () => {
    const { authx, store } = openAuthX({ rememberedTokens: 0 })
    const count = counter(authx, store, async () => false)
    await using api = await open(authx, guarded(authx, TYPES, resolvers))
    const token = await authx.createAccessToken({ sub: 'ada' })
    const { refused } = await api.query('mutation { one { a b c } two { a b c } }', { token })
    expect(refused).toEqual([])
    expect(count()).toEqual({ verified: 1, callback: 2, blocklist: 2 })
  })

  test('three events cost one verification and four questions: one to subscribe, one for each event', async () => {
    const { authx, store } = openAuthX({ rememberedTokens: 0 })
    const count = counter(authx, store, async () => false)
    async function* ticks() {
      yield* [row, row, row]
    }
    const schema = guarded(authx, TYPES, {
      Subscription: { ticks: { subscribe: () => ticks(), resolve: (one) => one } },
    })
    await using api = await open(authx, schema)
    const stream = await api.subscribe('subscription { ticks { a b c } }', {
      token: await authx.createAccessToken({ sub: 'ada' }),
    })
    for (let event = 0; event < 3; event += 1) {
      expect(await stream.next()).toEqual({ data: { ticks: { a: 1, b: 2, c: 3 } }, refused: [] })
    }
    expect(await stream.next()).toBeUndefined()
    expect(count()).toEqual({ verified: 1, callback: 4, blocklist: 4 })
  })

  test('a query without guarded fields, or with @optionalToken alone, costs nothing', async () => {
    const { authx, store } = openAuthX({ rememberedTokens: 0 })
    const count = counter(authx, store)
    await using api = await open(authx, guarded(authx, TYPES, resolvers))
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await api.query('{ open maybe __typename }', { token })).toMatchObject({ refused: [] })
    expect(
      await api.query('{ open maybe __schema { queryType { name } } }', { token: 'garbage' }),
    ).toMatchObject({
      refused: [],
    })
    expect(count()).toEqual({ verified: 0, callback: 0, blocklist: 0 })
  })

  test('each type of token that a query asks for is verified once', async () => {
    const { authx, store } = openAuthX({ rememberedTokens: 0 })
    const count = counter(authx, store)
    await using api = await open(authx, guarded(authx, TYPES, resolvers))
    const token = await authx.createAccessToken({ sub: 'ada' })
    const { refused } = await api.query('{ one two refresh again: refresh }', { token })
    expect(refused).toEqual(['refresh: REFRESH_TOKEN_REQUIRED', 'again: REFRESH_TOKEN_REQUIRED'])
    expect(count()).toEqual({ verified: 2, callback: 1, blocklist: 1 })
  })

  test('fields that ask while the first answer is on its way wait for it, and ask nothing themselves', async () => {
    const { authx, store } = openAuthX({ rememberedTokens: 0 })
    const { opened, open: answer } = gate()
    const asked = gate()
    const count = counter(authx, store, async () => {
      asked.open()
      await opened
      return false
    })
    await using api = await open(authx, guarded(authx, TYPES, resolvers))
    const pending = api.query('{ one two rows { a b c d e f g h i j } }', {
      token: await authx.createAccessToken({ sub: 'ada' }),
    })
    await asked.opened
    expect(count()).toEqual({ verified: 1, callback: 1, blocklist: 0 })
    answer()
    expect((await pending).refused).toEqual([])
    expect(count()).toEqual({ verified: 1, callback: 1, blocklist: 1 })
  })

  test('two requests are judged each for itself', async () => {
    const { authx, store } = openAuthX({ rememberedTokens: 0 })
    const count = counter(authx, store)
    await using api = await open(authx, guarded(authx, TYPES, resolvers))
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await api.query('{ one }', { token })).toMatchObject({ refused: [] })
    await authx.revoke({ token })
    verify.mockClear()
    expect(await api.query('{ one }', { token })).toEqual({
      data: { one: null },
      refused: ['one: TOKEN_REVOKED'],
    })
    expect(count()).toMatchObject({ verified: 1, callback: 2, blocklist: 2 })
  })
})

test('five members of a batch cost one verification', async () => {
  const { authx, store } = openAuthX({ rememberedTokens: 0 })
  const count = counter(authx, store)
  await using server = await serve(authx, guarded(authx, TYPES, resolvers), { batching: true })
  const batch = [1, 2, 3, 4, 5].map((number) => ({ query: `query Q${number} { one two }` }))
  const response = await server.send(batch, { token: await authx.createAccessToken({ sub: 'ada' }) })
  expect(await response.json()).toEqual(batch.map(() => ({ data: { one: 1, two: 2 } })))
  expect(count()).toEqual({ verified: 1, callback: 5, blocklist: 5 })
})
