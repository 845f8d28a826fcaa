import { describe, expect, test, vi } from 'vitest'
import { memory } from '../../src/stores/memory.ts'
import { EXECUTORS, guarded, type OpenApi, type Resolvers } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const TYPES = `
  type Query { open: String }
  type Subscription { ticks: Int @auth  every: Int @auth(scopes: ["a"])  mine: Int @auth(optional: true)  free: Int }
`

/** A source whose events the test sends, and what becomes of it. No generator: it can be told to return while it waits. */
class Source implements AsyncIterableIterator<number> {
  readonly seen: string[] = []
  readonly #ready: number[] = []
  readonly #waiting: ((result: IteratorResult<number>) => void)[] = []
  failure: Error | undefined

  send(...events: number[]): void {
    for (const value of events) {
      const waiting = this.#waiting.shift()
      if (waiting === undefined) this.#ready.push(value)
      else waiting({ value, done: false })
    }
  }

  next(): Promise<IteratorResult<number>> {
    const value = this.#ready.shift()
    if (value !== undefined) return Promise.resolve({ value, done: false })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  async return(): Promise<IteratorResult<number>> {
    this.seen.push('returned')
    if (this.failure !== undefined) throw this.failure
    for (const waiting of this.#waiting.splice(0)) waiting({ value: undefined, done: true })
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

describe.each(EXECUTORS)('in $executor, a stream (GQL-08)', ({ executor, open }) => {
  async function reach(open: OpenApi, resolve: (event: number) => unknown = Number) {
    const instance = openAuthX({ leeway: 0 })
    const { authx, log } = instance
    const sources: Source[] = []
    const signals: AbortSignal[] = []
    const start = (_: unknown, __: unknown, { auth }: { auth: { signal: AbortSignal } }) => {
      const source = new Source()
      sources.push(source)
      signals.push(auth.signal)
      return source
    }
    const field = { subscribe: start, resolve }
    const resolvers: Resolvers = {
      Subscription: {
        ticks: field,
        every: field,
        mine: field,
        free: field,
      },
    }
    const api = await open(authx, guarded(authx, TYPES, resolvers))
    const token = (sub: string, sid?: string) =>
      authx.createAccessToken({ sub, ...(sid === undefined ? {} : { sid }), scopes: ['a'] })
    return Object.assign(api, { authx, log, sources, signals, tokenOf: token, clock: instance.clock })
  }

  test('that is idle ends within 100 ms of the revocation: with the error, then done, its source returned once', async () => {
    await using api = await reach(open)
    const stream = await api.subscribe('subscription { ticks }', { token: await api.tokenOf('ada', 's1') })
    const other = await api.subscribe('subscription { ticks }', { token: await api.tokenOf('ada', 's2') })
    api.sources[0]?.send(1)
    expect(await stream.next()).toEqual({ data: { ticks: 1 }, refused: [] })
    const last = stream.next()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const began = performance.now()
    await api.authx.revoke({ sid: 's1' })
    expect((await last)?.refused).toEqual([expect.stringContaining('TOKEN_REVOKED')])
    expect(performance.now() - began).toBeLessThan(1000)
    expect(await stream.next()).toBeUndefined()
    expect(api.sources[0]?.seen).toEqual(['returned'])
    api.sources[1]?.send(2)
    expect(await other.next()).toEqual({ data: { ticks: 2 }, refused: [] })
    expect(api.sources[1]?.seen).toEqual([])
    await other.stop()
  })

  test('ends with everything its subject holds, and with its token alone', async () => {
    await using api = await reach(open)
    const bob = await api.tokenOf('bob')
    const everywhere = await api.subscribe('subscription { every }', { token: await api.tokenOf('ada') })
    const alone = await api.subscribe('subscription { every }', { token: bob })
    const ends = [everywhere.next(), alone.next()]
    await vi.waitFor(() => expect(api.sources).toHaveLength(2))
    await api.authx.revoke({ sub: 'ada' })
    const { jti } = await api.authx.verify(bob)
    await api.authx.revoke({ jti })
    for (const end of await Promise.all(ends)) {
      expect(end?.refused).toEqual([expect.stringContaining('TOKEN_REVOKED')])
    }
    await vi.waitFor(() => expect(api.sources.map(({ seen }) => seen)).toEqual([['returned'], ['returned']]))
  })

  test('that is idle ends when its token expires', async () => {
    const { authx } = openAuthX({ leeway: 0, accessTokenTtl: 2, clock: Date.now, blocklist: memory() })
    const source = new Source()
    const schema = guarded(authx, TYPES, {
      Subscription: { ticks: { subscribe: () => source, resolve: Number } },
    })
    await using api = await open(authx, schema)
    const stream = await api.subscribe('subscription { ticks }', {
      token: await authx.createAccessToken({ sub: 'ada' }),
    })
    expect((await stream.next())?.refused).toEqual([expect.stringContaining('TOKEN_EXPIRED')])
    expect(await stream.next()).toBeUndefined()
    expect(source.seen).toEqual(['returned'])
  })

  test('delivers nothing that its source had ready', async () => {
    await using api = await reach(open)
    const stream = await api.subscribe('subscription { ticks }', { token: await api.tokenOf('ada', 's1') })
    api.sources[0]?.send(1)
    expect((await stream.next())?.data).toEqual({ ticks: 1 })
    await api.authx.revoke({ sid: 's1' })
    api.sources[0]?.send(2, 3, 4)
    expect((await stream.next())?.refused).toEqual([expect.stringContaining('TOKEN_REVOKED')])
    expect(await stream.next()).toBeUndefined()
    await vi.waitFor(() => expect(api.sources[0]?.seen).toEqual(['returned']))
  })

  test('without a token to live by goes on when others end', async () => {
    await using api = await reach(open)
    const streams = [
      await api.subscribe('subscription { mine }'),
      await api.subscribe('subscription { free }'),
    ]
    await vi.waitFor(() => expect(api.sources).toHaveLength(2))
    await api.authx.revoke({ sub: 'ada' })
    for (const source of api.sources) source.send(7)
    expect(await streams[0]?.next()).toEqual({ data: { mine: 7 }, refused: [] })
    expect(await streams[1]?.next()).toEqual({ data: { free: 7 }, refused: [] })
    for (const stream of streams) await stream.stop()
  })

  test('under @auth(optional: true) ends with the token that came', async () => {
    await using api = await reach(open)
    const stream = await api.subscribe('subscription { mine }', { token: await api.tokenOf('ada', 's1') })
    const last = stream.next()
    await vi.waitFor(() => expect(api.sources).toHaveLength(1))
    await api.authx.revoke({ sid: 's1' })
    expect((await last)?.refused).toEqual([expect.stringContaining('TOKEN_REVOKED')])
    expect(await stream.next()).toBeUndefined()
  })

  test('ends although its source fails to return, and the failure is logged', async () => {
    await using api = await reach(open)
    const stream = await api.subscribe('subscription { ticks }', { token: await api.tokenOf('ada', 's1') })
    const last = stream.next()
    await vi.waitFor(() => expect(api.sources).toHaveLength(1))
    if (api.sources[0] !== undefined) api.sources[0].failure = new Error('stuck')
    await api.authx.revoke({ sid: 's1' })
    expect((await last)?.refused).toEqual([expect.stringContaining('TOKEN_REVOKED')])
    expect(await stream.next()).toBeUndefined()
    await vi.waitFor(() =>
      expect(api.log.lines.filter((line) => line.includes('failed to return'))).toHaveLength(1),
    )
  })

  test('aborts what its resolver waits for, when its token ends and when its client leaves', async () => {
    await using api = await reach(open)
    const ended = await api.subscribe('subscription { ticks }', { token: await api.tokenOf('ada', 's1') })
    const left = await api.subscribe('subscription { ticks }', { token: await api.tokenOf('ada', 's2') })
    await vi.waitFor(() => expect(api.signals).toHaveLength(2))
    api.sources[1]?.send(1)
    await left.next()
    expect(api.signals.map(({ aborted }) => aborted)).toEqual([false, false])
    await api.authx.revoke({ sid: 's1' })
    await ended.next()
    expect(api.signals.map(({ aborted }) => aborted)).toEqual([true, false])
    expect(api.signals[0]?.reason).toMatchObject({ reason: 'TOKEN_REVOKED' })
    await left.stop()
    await vi.waitFor(() => expect(api.signals[1]?.aborted).toBe(true))
    expect(api.sources.map(({ seen }) => seen)).toEqual([['returned'], ['returned']])
  })

  // Nothing of ours is around a field without a rule where no adapter is.
  test.each(executor === 'Yoga' ? ['free', 'mine'] : ['mine'])(
    'of nobody (%s) aborts what its resolver waits for when its client leaves',
    async (field) => {
      await using api = await reach(open)
      const stream = await api.subscribe(`subscription { ${field} }`)
      await vi.waitFor(() => expect(api.signals).toHaveLength(1))
      api.sources[0]?.send(1)
      await stream.next()
      expect(api.signals[0]?.aborted).toBe(false)
      await stream.stop()
      await vi.waitFor(() => expect(api.signals[0]?.aborted).toBe(true))
    },
  )
})
