import { createClient } from 'graphql-sse'
import { createHandler } from 'graphql-sse/lib/use/http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { withAuthX } from '../../src/graphql/adapters/graphql-sse.ts'
import { guarded } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'
import { listen } from './listen.ts'

const TYPES = `
  type Query { open: String }
  type Subscription { ticks: Int! @auth slow: Int! @auth free: Int! }
`

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(more: object = {}) {
  const { authx } = openAuthX()
  const returned: string[] = []
  const resolving: string[] = []
  const source = (name: string) => () => {
    let sent = 0
    return {
      next: () =>
        sent++ === 0 ? Promise.resolve({ value: { [name]: 1 }, done: false }) : new Promise(() => {}),
      return: async () => {
        returned.push(name)
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
  const schema = guarded(authx, TYPES, {
    Subscription: {
      ticks: { subscribe: source('ticks') },
      slow: {
        subscribe: source('slow'),
        resolve: () => {
          resolving.push('slow')
          return new Promise(() => {})
        },
      },
      free: { subscribe: source('free') },
    } as never,
  })
  const handler = createHandler(withAuthX(authx, { schema, ...more }))
  const served = await listen((req, res) => void handler(req, res).catch(() => res.writeHead(500).end()))
  closing.push(served.close)
  const subscribe = (query: string, token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const client = createClient({ url: served.url, headers, retryAttempts: 0 })
    const heard: unknown[] = []
    const leave = client.subscribe(
      { query },
      {
        next: ({ data, errors }) => heard.push(errors?.map(({ extensions }) => extensions?.reason) ?? data),
        error: (error) => heard.push(error),
        complete: () => heard.push('complete'),
      },
    )
    closing.push(() => client.dispose())
    return { heard, leave }
  }
  return { authx, url: served.url, returned, resolving, subscribe }
}

describe('a subscription over graphql-sse', () => {
  test('ends with its token: the error, then complete, and its source returns at once', async () => {
    const { authx, subscribe, returned } = await start()
    const token = await authx.createAccessToken({ sub: 'ada', sid: 's1' })
    const { heard } = subscribe('subscription { ticks }', token)
    await vi.waitFor(() => expect(heard).toEqual([{ ticks: 1 }]))
    await authx.revoke({ sid: 's1' })
    await vi.waitFor(() => expect(heard).toEqual([{ ticks: 1 }, ['TOKEN_REVOKED'], 'complete']))
    expect(returned).toEqual(['ticks'])
  })

  test('is not held up by an event that is still being resolved', async () => {
    const { authx, subscribe, returned, resolving } = await start()
    const token = await authx.createAccessToken({ sub: 'ada', sid: 's1' })
    const { heard } = subscribe('subscription { slow }', token)
    await vi.waitFor(() => expect(resolving).toEqual(['slow']))
    await authx.revoke({ sid: 's1' })
    await vi.waitFor(() => expect(heard).toEqual([['TOKEN_REVOKED'], 'complete']))
    expect(returned).toEqual(['slow'])
  })

  test('is refused without a token, in a stream that is a 200', async () => {
    const { subscribe } = await start()
    const { heard } = subscribe('subscription { ticks }')
    await vi.waitFor(() => expect(heard).toEqual([['TOKEN_MISSING'], 'complete']))
  })

  test('is let go of when its client leaves', async () => {
    const { subscribe, returned } = await start()
    const { heard, leave } = subscribe('subscription { free }')
    await vi.waitFor(() => expect(heard).toEqual([{ free: 1 }]))
    leave()
    await vi.waitFor(() => expect(returned).toEqual(['free']))
  })
})

describe('one stream for all operations', () => {
  test('cannot be reserved', async () => {
    const { url } = await start()
    expect((await fetch(url, { method: 'PUT' })).status).toBe(404)
  })

  test('is there for who says whose it is', async () => {
    const { url } = await start({ authenticate: () => 'whose' })
    expect((await fetch(url, { method: 'PUT' })).status).toBe(201)
  })
})
