import { readFileSync } from 'node:fs'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { afterAll, describe, expect, test } from 'vitest'
import { bearer, guarded, type Resolvers } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'
import { DIFFERENCES } from './differences.ts'
import { exchange, type Method, type Verdict } from './exchange.ts'
import { Cells } from './matrix.ts'
import { play } from './play.ts'
import { SERVERS, type ServerName } from './serve.ts'
import { stage } from './stage.ts'
import { CASES, type Case } from './verdicts.ts'

const NAMES = Object.keys(SERVERS) as ServerName[]
const cells = new Cells('verdicts')

const rows = CASES.flatMap((one) => {
  const methods: readonly Method[] = one.over === undefined ? ['POST', 'GET'] : [one.over]
  return methods.map((method) => ({ one, method, title: `${one.name}, over ${method}` }))
})

function differenceOf(server: ServerName, { name }: Case) {
  return DIFFERENCES.find(({ of, on }) => of.includes(server) && on.includes(name))
}

describe.each(NAMES)('%s answers', (server) => {
  test.each(rows)('$title', async ({ one, method }) => {
    const { verdicts, kept, ran } = await play(SERVERS[server], one, method)
    const difference = differenceOf(server, one)
    const expected = [one.expected].flat()
    expect(verdicts).toEqual(difference ? [...expected.slice(0, -1), difference.verdict] : expected)
    if (difference !== undefined) return cells.right(`${server}, ${method}`, one)
    if (one.ran !== undefined) expect(ran).toEqual(one.ran)
    if (one.shared === undefined)
      expect(verdicts.filter((verdict, at) => kept[at] && isAnswer(verdict))).toEqual([])
    cells.right(`${server}, ${method}`, one)
  })

  // Mercurius makes its schema, and the adapter protects it.
  if (server !== 'Mercurius') {
    test('with a refusal to start, where a schema was never protected', async () => {
      const { authx } = openAuthX()
      const typeDefs = [authx.typeDefs, 'type Query { secret: String @auth }']
      const schema = makeExecutableSchema({ typeDefs })
      const begin = async (): Promise<string> => {
        const served = await SERVERS[server]({ authx, schema })
        await served.close()
        return 'served'
      }
      expect(await begin().catch(String)).toContain('serve authx.protect(schema)')
    })
  }

  test('and what a resolver began by the signal of its token is over', async () => {
    const { authx } = openAuthX()
    const signals: AbortSignal[] = []
    const secret: Resolvers[string] = { secret: (_, __, { auth }) => signals.push(auth.signal) && 'secret' }
    const schema = guarded(authx, 'type Query { secret: String @auth }', { Query: secret })
    const served = await SERVERS[server]({ authx, schema })
    try {
      const headers = {
        'content-type': 'application/json',
        ...bearer(await authx.createAccessToken({ sub: 'ada' })),
      }
      await exchange(served.url, { method: 'POST', body: { query: '{ secret }' }, headers })
      expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    } finally {
      await served.close()
    }
  })

  test.each(['full', 'caller'] as const)(
    'a document with a mistake, to %s introspection',
    async (introspection) => {
      const { authx } = openAuthX({ introspection })
      const served = await SERVERS[server]({ authx, schema: stage(authx, []) })
      try {
        const headers = { 'content-type': 'application/json' }
        const { text } = await exchange(served.url, { method: 'POST', body: { query: '{ secre }' }, headers })
        expect(text).toContain('Cannot query field \\"secre\\"')
        expect(text.includes('Did you mean')).toBe(introspection === 'full')
      } finally {
        await served.close()
      }
    },
  )
})

describe('the table', () => {
  test('has no row twice', () => {
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length)
    expect(CASES.length).toBeGreaterThan(60)
  })

  test('has no difference that is about nothing', () => {
    const names = new Set(CASES.map(({ name }) => name))
    expect(DIFFERENCES.flatMap(({ on }) => on).filter((name) => !names.has(name))).toEqual([])
  })

  test('is in docs/servers.md, with each reason why a server differs', () => {
    const page = readFileSync(new URL('../../docs/servers.md', import.meta.url), 'utf8')
    expect(DIFFERENCES.filter(({ because }) => !page.includes(because))).toEqual([])
    expect(NAMES.filter((name) => !page.includes(name))).toEqual([])
  })
})

/** Turned away before it was read, or met by the server alone, it says nothing about anybody. */
function isAnswer({ status, reasons, data }: Verdict): boolean {
  return reasons.length > 0 || data !== null || status === 200
}

afterAll(() => cells.keep())
