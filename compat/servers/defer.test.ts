import { useDeferStream } from '@graphql-yoga/plugin-defer-stream'
import { createYoga } from 'graphql-yoga'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import type { AuthXOptions } from '../../src/index.ts'
import { type Gate, gate, guarded } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'
import { listen } from './listen.ts'

const TYPES = `
  type Query { open: String person: Person  list: [Int] @auth  free: [Int] }
  type Person { name: String  slow: String  secret: String @auth  read: String @auth(scopes: [["read"]]) }
`
const DEFERRED = '{ person { name ... @defer { secret slow } } }'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(options: AuthXOptions = {}) {
  const { authx } = openAuthX(options)
  const waiting: Gate = gate()
  const seen: string[] = []
  const numbers = async function* () {
    try {
      yield 1
      await waiting.opened
      yield 2
    } finally {
      seen.push('returned')
    }
  }
  const schema = guarded(authx, TYPES, {
    Query: { person: () => ({ name: 'Ada' }), list: numbers, free: numbers },
    Person: {
      secret: () => {
        seen.push('secret')
        return 'secret'
      },
      slow: async () => {
        await waiting.opened
        return 'slow'
      },
      read: () => 'read',
    },
  })
  const plugins = [useDeferStream(), useAuthX(authx)]
  const served = await listen(createYoga({ schema, plugins, logging: false, graphiql: false }))
  closing.push(served.close, waiting.open)
  return { authx, waiting, seen, url: served.url }
}

// biome-ignore lint/suspicious/noExplicitAny: whatever was sent
type Part = any

/** The parts of an answer as they come: of multipart/mixed, or server-sent events. */
async function ask(url: string, query: string, token?: string, accept = 'multipart/mixed') {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { 'content-type': 'application/json', accept, ...authorization }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const parts: Part[] = []
  const ended = (async () => {
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      const found = text.split(/\r?\n/).filter((line) => /^(data: )?\{.*\}$/.test(line))
      parts.push(...found.slice(parts.length).map((line) => JSON.parse(line.replace(/^data: /, ''))))
    }
    return parts
  })()
  return { response, parts, ended }
}

describe.each(['multipart/mixed', 'text/event-stream'])('over %s, an answer of several parts', (accept) => {
  test('has its deferred fields judged', async () => {
    const { url, authx, waiting, seen } = await start()
    waiting.open()
    const nobody = await (await ask(url, DEFERRED, undefined, accept)).ended
    expect(nobody[0]).toMatchObject({ data: { person: { name: 'Ada' } }, hasNext: true })
    expect(JSON.stringify(nobody)).toContain('TOKEN_MISSING')
    expect(seen).toEqual([])
    const token = await authx.createAccessToken({ sub: 'ada' })
    const query = '{ person { ... @defer { secret read } } }'
    const parts = await (await ask(url, query, token, accept)).ended
    expect(JSON.stringify(parts)).toContain('SCOPES_MISSING')
    expect(JSON.stringify(parts)).toContain('"secret":"secret"')
  })

  test('ends with its token: what is resolved after the revocation is not delivered', async () => {
    const { url, authx, waiting } = await start()
    const token = await authx.createAccessToken({ sub: 'ada', sid: 's1' })
    const { parts, ended } = await ask(url, '{ person { secret ... @defer { slow } } }', token, accept)
    await vi.waitFor(() => expect(parts).toHaveLength(1))
    await authx.revoke({ sid: 's1' })
    const all = await ended
    waiting.open()
    expect(all).toEqual([
      { data: { person: { secret: 'secret' } }, hasNext: true },
      {
        errors: [
          expect.objectContaining({ extensions: expect.objectContaining({ reason: 'TOKEN_REVOKED' }) }),
        ],
        hasNext: false,
      },
    ])
  })

  test('of a list that streams ends with its token, and its source returns', async () => {
    const { url, authx, waiting, seen } = await start()
    const token = await authx.createAccessToken({ sub: 'ada', sid: 's1' })
    const { parts, ended } = await ask(url, '{ list @stream(initialCount: 1) }', token, accept)
    await vi.waitFor(() => expect(parts).toHaveLength(1))
    await authx.revoke({ sid: 's1' })
    const last = (await ended).at(-1)
    expect(last).toMatchObject({ errors: [{ extensions: { reason: 'TOKEN_REVOKED' } }], hasNext: false })
    waiting.open()
    await vi.waitFor(() => expect(seen).toContain('returned'))
  })

  test('goes on to its end where nothing of it was granted by a token', async () => {
    const { url, authx, waiting } = await start()
    const token = await authx.createAccessToken({ sub: 'ada', sid: 's1' })
    const { parts, ended } = await ask(url, '{ free @stream(initialCount: 1) }', token, accept)
    await vi.waitFor(() => expect(parts).toHaveLength(1))
    await authx.revoke({ sid: 's1' })
    waiting.open()
    const all = await ended
    expect(JSON.stringify(all)).not.toContain('TOKEN')
    expect(all.at(-1).hasNext).toBe(false)
    expect(JSON.stringify(all)).toContain('2')
  })
})
