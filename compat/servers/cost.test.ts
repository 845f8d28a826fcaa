import { ApolloServer, HeaderMap } from '@apollo/server'
import Fastify from 'fastify'
import type { GraphQLSchema } from 'graphql'
import { createHandler } from 'graphql-http'
import mercurius from 'mercurius'
import { expect, onTestFinished, test } from 'vitest'
import { authxPlugin } from '../../src/graphql/adapters/apollo.ts'
import { authxOptions } from '../../src/graphql/adapters/graphql-http.ts'
import { mercuriusAuthX, mercuriusOptions } from '../../src/graphql/adapters/mercurius.ts'
import type { AuthX, AuthXOptions } from '../../src/index.ts'
import { guarded } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'
import { ownPromisesOf } from '../../test/harness/promises.ts'

/*
 * What a guarded request costs on servers that wait for every hook, counted instead of timed: the promises that our sources make.
 */

const TYPES = 'type Row { a: Int b: Int c: Int }'
const QUERY = '{ rows { a b c } }'
const resolvers = { Query: { rows: () => Array.from({ length: 100 }, () => ({ a: 1, b: 2, c: 3 })) } }

/** Sends the query once, and throws unless it is answered with data. */
type Ask = () => Promise<void>

interface Stage {
  readonly authx: AuthX
  readonly token: string
  readonly schema: GraphQLSchema
}

async function openStage(options: AuthXOptions): Promise<Stage> {
  const { authx } = openAuthX(options)
  return {
    authx,
    token: await authx.createAccessToken({ sub: 'ada' }),
    schema: guarded(authx, `${TYPES} type Query { rows: [Row!]! @auth }`, resolvers),
  }
}

/** What of our sources makes a promise for a later request: the first two fill memories. */
async function ownOfLater(ask: Ask): Promise<string[]> {
  await ask()
  await ask()
  return ownPromisesOf(ask)
}

function check(body: string): void {
  const { data, errors } = JSON.parse(body) as { data?: { rows: unknown[] }; errors?: object }
  expect({ rows: data?.rows.length, errors }).toEqual({ rows: 100, errors: undefined })
}

async function onApollo({ authx, schema, token }: Stage): Promise<Ask> {
  const server = new ApolloServer({ schema, plugins: [authxPlugin(authx)], nodeEnv: 'production' })
  await server.start()
  onTestFinished(() => server.stop())
  return async () => {
    const headers = new HeaderMap([
      ['content-type', 'application/json'],
      ['authorization', `Bearer ${token}`],
    ])
    const { body } = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: 'POST', headers, body: { query: QUERY }, search: '' },
      context: async () => ({}),
    })
    check(body.kind === 'complete' ? body.string : '')
  }
}

async function onMercurius({ authx, schema, token }: Stage): Promise<Ask> {
  const app = Fastify()
  await app.register(mercurius, mercuriusOptions(authx, { schema }))
  await app.register(mercuriusAuthX(authx))
  await app.ready()
  onTestFinished(() => app.close())
  return async () => {
    const headers = { authorization: `Bearer ${token}` }
    const { body } = await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query: QUERY } })
    check(body)
  }
}

async function onGraphqlHttp({ authx, schema, token }: Stage): Promise<Ask> {
  const handle = createHandler(authxOptions(authx, { schema }))
  return async () => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const request = { method: 'POST', url: '/graphql', headers, body: { query: QUERY } }
    const [body] = await handle({ ...request, raw: null, context: null })
    check(body ?? '')
  }
}

const SERVERS = [
  // Apollo Server waits for what is to be done when the operation was executed.
  { server: 'Apollo Server', serve: onApollo, asked: ['Object.executionDidStart'] },
  { server: 'Mercurius', serve: onMercurius, asked: [] },
  { server: 'graphql-http', serve: onGraphqlHttp, asked: [] },
]

const IN_COOKIES = ['headers', 'cookies'] as const

test.each(
  SERVERS.flatMap((one) => [
    { ...one, where: 'nothing is set', options: {} },
    { ...one, where: 'callers see a schema of their own', options: { introspection: 'caller' } as const },
    {
      ...one,
      where: 'tokens travel in cookies',
      options: { locations: { access: IN_COOKIES, refresh: IN_COOKIES } },
    },
  ]),
)(
  'on $server a guarded request makes no promise of ours that is not asked for, where $where',
  async ({ serve, options, asked }) => {
    expect(await ownOfLater(await serve(await openStage(options)))).toEqual(asked)
  },
)
