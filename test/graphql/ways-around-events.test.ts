import { describe, expect, test } from 'vitest'
import {
  EXECUTORS,
  type Gate,
  gate,
  guarded,
  type OpenApi,
  type Resolvers,
  type Stream,
} from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const TYPES = `
  type Query { open: String }
  type Subscription { ticks: Tick @auth free: Tick days: Int @auth }
  type Tick { count: Int secret: Int @auth }
`

/** A source of events: each after the first waits until the test lets it go. */
interface Source {
  readonly resolvers: Resolvers
  readonly gates: readonly Gate[]
  readonly seen: string[]
}

function source(): Source {
  const gates = [gate(), gate(), gate()]
  const seen: string[] = []
  async function* counts(): AsyncGenerator<number> {
    seen.push('started')
    try {
      yield 1
      for (const [index, { opened }] of gates.entries()) {
        await opened
        yield index + 2
      }
    } finally {
      seen.push('freed')
    }
  }
  const tick = { subscribe: () => counts(), resolve: (count: number) => ({ count, secret: count * 10 }) }
  return {
    resolvers: {
      Subscription: { ticks: tick, free: tick, days: { subscribe: () => counts(), resolve: Number } },
    },
    gates,
    seen,
  }
}

/** An event that was refused; whole, where the server ends answers with their tokens before its field can say so. */
function lastEvent(field: string, reason: string) {
  return expect.toSatisfy((event) =>
    [
      JSON.stringify({ data: { [field]: null }, refused: [`${field}: ${reason}`] }),
      JSON.stringify({ data: null, refused: [reason] }),
    ].includes(JSON.stringify(event)),
  )
}

describe.each(EXECUTORS)('in $executor, a subscription', ({ open }) => {
  async function reach(open: OpenApi) {
    const instance = openAuthX({ leeway: 0 })
    const made = source()
    const api = await open(instance.authx, guarded(instance.authx, TYPES, made.resolvers))
    const token = await instance.authx.createAccessToken({ sub: 'ada' })
    return Object.assign(api, { ...instance, ...made, token })
  }

  test('starts for a caller with a token, and every event arrives', async () => {
    await using api = await reach(open)
    const stream = await api.subscribe('subscription { ticks { count secret } }', api)
    expect(await stream.next()).toEqual({ data: { ticks: { count: 1, secret: 10 } }, refused: [] })
    api.gates[0]?.open()
    expect(await stream.next()).toEqual({ data: { ticks: { count: 2, secret: 20 } }, refused: [] })
    for (const { open } of api.gates) open()
    await rest(stream)
    expect(api.seen).toEqual(['started', 'freed'])
  })

  test.each([
    ['without a token', undefined, 'TOKEN_MISSING'],
    ['with garbage', 'garbage', 'TOKEN_MALFORMED'],
  ])('is refused %s before its source starts', async (_, token, reason) => {
    await using api = await reach(open)
    const stream = await api.subscribe('subscription { ticks { count } }', { token })
    const answer = await stream.next()
    expect(answer).toEqual({ data: null, refused: [`ticks: ${reason}`] })
    expect(await stream.next()).toBeUndefined()
    expect(api.seen).toEqual([])
  })

  test('is refused before its source starts while an asynchronous callback says no', async () => {
    await using api = await reach(open)
    api.authx.setTokenBlocklistCallback(async () => true)
    const stream = await api.subscribe('subscription { alias: ticks { count } }', api)
    expect(await stream.next()).toEqual({ data: null, refused: ['alias: TOKEN_REVOKED'] })
    expect(api.seen).toEqual([])
  })

  test('is judged again at each event: a token that was revoked between two gets no more', async () => {
    await using api = await reach(open)
    const stream = await api.subscribe('subscription { ticks { count } }', api)
    expect(await stream.next()).toEqual({ data: { ticks: { count: 1 } }, refused: [] })
    await api.authx.revoke({ token: api.token })
    api.gates[0]?.open()
    expect(await stream.next()).toEqual(lastEvent('ticks', 'TOKEN_REVOKED'))
    for (const { open } of api.gates) open()
    expect(await rest(stream)).toEqual([])
  })

  test('is judged again at each event: a token that expired between two gets no more', async () => {
    await using api = await reach(open)
    const stream = await api.subscribe('subscription { days }', api)
    expect(await stream.next()).toEqual({ data: { days: 1 }, refused: [] })
    api.clock.advance(900)
    api.gates[0]?.open()
    expect(await stream.next()).toEqual(lastEvent('days', 'TOKEN_EXPIRED'))
    for (const { open } of api.gates) open()
    expect(await rest(stream)).toEqual([])
  })

  test('without a rule is open, and guarded fields of its events are judged at each event', async () => {
    await using api = await reach(open)
    const anonymous = await api.subscribe('subscription { free { count secret } }')
    expect(await anonymous.next()).toEqual({
      data: { free: { count: 1, secret: null } },
      refused: ['free.secret: TOKEN_MISSING'],
    })
    const stream = await api.subscribe('subscription { free { count secret } }', api)
    expect(await stream.next()).toEqual({ data: { free: { count: 1, secret: 10 } }, refused: [] })
    await api.authx.revoke({ token: api.token })
    api.gates[0]?.open()
    const after = await stream.next()
    expect(after?.refused).toEqual([expect.stringMatching(/^(free\.secret: )?TOKEN_REVOKED$/)])
    for (const { open } of api.gates) open()
    for (const event of await rest(stream))
      expect(event).not.toHaveProperty('data.free.secret', expect.any(Number))
    await rest(anonymous)
  })

  test('of a root type with @auth is refused before its source starts', async () => {
    const { authx } = openAuthX()
    const { resolvers, seen } = source()
    const typeDefs =
      'type Query { open: String } type Subscription @auth { ticks: Tick free: Tick days: Int } type Tick { count: Int secret: Int }'
    await using api = await open(authx, guarded(authx, typeDefs, resolvers))
    const stream = await api.subscribe('subscription { free { count } }')
    expect(await stream.next()).toEqual({ data: null, refused: ['free: TOKEN_MISSING'] })
    expect(seen).toEqual([])
  })
})

/** Reads a stream to its end. */
async function rest(stream: Stream): Promise<unknown[]> {
  const answers: unknown[] = []
  for (let answer = await stream.next(); answer !== undefined; answer = await stream.next())
    answers.push(answer)
  return answers
}
