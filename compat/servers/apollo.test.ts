import { type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import { expressMiddleware } from '@as-integrations/express5'
import express from 'express'
import jwt from 'jsonwebtoken'
import { describe, expect, test, vi } from 'vitest'
import { authxPlugin } from '../../src/graphql/adapters/apollo.ts'
import { AuthError, type AuthXOptions } from '../../src/index.ts'
import { guarded, type Resolvers } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'
import { apollo, apolloExpress } from './apollo.ts'
import { exchange, type Reply, type Verdict, verdictOf } from './exchange.ts'
import { listen } from './listen.ts'
import type { Served, Setup } from './serve.ts'
import { stage } from './stage.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const REFUSED: Verdict = {
  status: 401,
  challenge: 'Bearer error="invalid_token"',
  reasons: ['TOKEN_REVOKED'],
  data: null,
}

async function post(
  served: Served,
  body: object,
  headers: Record<string, string | string[]> = {},
): Promise<Reply> {
  try {
    return await exchange(served.url, { method: 'POST', body, headers: { ...JSON_TYPE, ...headers } })
  } finally {
    await served.close()
  }
}

function openStage(options: AuthXOptions = {}): Setup & { readonly ran: string[] } {
  const { authx } = openAuthX(options)
  const ran: string[] = []
  return { authx, schema: stage(authx, ran), ran }
}

/** What `@cacheControl` of Apollo Server looks like, and the instance that a schema with it is for. */
function openCached(resolvers: Resolvers = {}): Setup {
  const { authx } = openAuthX()
  const types = `
    directive @cacheControl(maxAge: Int) on FIELD_DEFINITION
    type Query { open: String @cacheControl(maxAge: 60) may: String @auth @cacheControl(maxAge: 60) }
  `
  return { authx, schema: guarded(authx, types, resolvers) }
}

describe('the plugin for Apollo Server', () => {
  test('sets status and challenge by the refusals, whatever formatError makes of them', async () => {
    const setup = openStage()
    const formatError = (): { message: string } => ({ message: 'masked' })
    const reply = await post(await apolloExpress(setup, { formatError }), { query: '{ secret }' })
    expect(reply.text).toBe('{"errors":[{"message":"masked"}],"data":null}\n')
    expect(reply).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
  })

  test('sets them for a refusal of the context function that formatError masks', async () => {
    const onContext = (): never => {
      throw new AuthError('TOKEN_REVOKED')
    }
    const formatError = (): { message: string } => ({ message: 'masked' })
    const reply = await post(await apolloExpress({ ...openStage(), onContext }, { formatError }), {
      query: '{ open }',
    })
    expect(reply.text).toBe('{"errors":[{"message":"masked"}]}\n')
    expect(reply).toMatchObject({ status: 401, headers: { 'www-authenticate': REFUSED.challenge } })
  })

  test('leaves any other failure of the context function as it is', async () => {
    const onContext = (): never => {
      throw new Error('down')
    }
    const { status, text } = await post(await apolloExpress({ ...openStage(), onContext }), {
      query: '{ open }',
    })
    expect(status).toBe(500)
    expect(text).toContain('Context creation failed')
  })

  test('adds its cookies to those that a resolver set on the response', async () => {
    const { authx } = openAuthX({ locations: { access: ['cookies'] } })
    const schema = guarded(authx, 'type Query { open: Int } type Mutation { login: Boolean }', {
      Mutation: {
        login: async (_source, _args, { res, tokenCookies }) => {
          res.cookie('theme', 'dark')
          tokenCookies.set(await authx.createTokenPair({ sub: 'ada' }))
          return true
        },
      },
    })
    const reply = await post(await apolloExpress({ authx, schema }), { query: 'mutation { login }' })
    expect(verdictOf(reply).cookies).toEqual(['__Host-access_token', '__Host-csrf_token', 'theme'])
  })

  test.each([
    ['{ open }', 'max-age=60, public', 60],
    ['{ may }', 'no-store', undefined],
    ['{ open may }', 'no-store', undefined],
  ])('says of %s to caches: %s', async (query, header, maxAge) => {
    const setup = openCached({ Query: { open: () => 'open', may: () => 'may' } })
    const found: unknown[] = []
    const watch: ApolloServerPlugin = {
      async requestDidStart() {
        return {
          async willSendResponse({ overallCachePolicy }) {
            found.push(overallCachePolicy.policyIfCacheable()?.maxAge)
          },
        }
      },
    }
    const authorization = `Bearer ${await setup.authx.createAccessToken({ sub: 'ada' })}`
    const reply = await post(await apolloExpress(setup, { plugins: [watch] }), { query }, { authorization })
    expect([reply.headers['cache-control'], found]).toEqual([header, [maxAge]])
  })

  test('verifies a token once for all operations of a batch', async () => {
    const setup = { ...openStage({ rememberedTokens: 0 }), batching: true }
    const authorization = `Bearer ${await setup.authx.createAccessToken({ sub: 'ada' })}`
    const body = Array.from({ length: 5 }, () => ({ query: '{ a: secret b: secret }' }))
    const verify = vi.spyOn(jwt, 'verify')
    const { data } = verdictOf(await post(await apolloExpress(setup), body, { authorization }))
    expect(data).toEqual(body.map(() => ({ a: 'ada', b: 'ada' })))
    expect(verify.mock.calls.length).toBe(1)
    verify.mockRestore()
  })

  test('asks the rules of a schema that Apollo Server has wrapped, also on a second server', async () => {
    const setup = openStage({ enforcement: 'operation' })
    const authorization = `Bearer ${await setup.authx.createAccessToken({ sub: 'ada' })}`
    await post(await apolloExpress(setup), { query: '{ may }' }, { authorization })
    const refused = await post(await apolloExpress(setup), { query: '{ open may }' })
    expect(verdictOf(refused)).toMatchObject({ status: 401, reasons: ['TOKEN_MISSING'] })
    expect(setup.ran).toEqual([])
  })

  test('refuses an operation that comes without HTTP as any other, and turns none away', async () => {
    const setup = openStage({ locations: { access: ['cookies'], refresh: ['cookies'] } })
    const server = apollo(setup)
    const read = async (query: string): Promise<object> => {
      const { body } = await server.executeOperation({ query })
      return body.kind === 'single' ? body.singleResult : {}
    }
    expect(await read('{ open }')).toEqual({ data: { open: 'open' } })
    expect(await read('{ secret }')).toMatchObject({
      data: null,
      errors: [{ extensions: { reason: 'TOKEN_MISSING' } }],
    })
    await server.stop()
  })

  test('takes one map of headers for several operations as it is each time, and a copy of it as another', async () => {
    const setup = openStage()
    const server = apollo(setup)
    const tokenOf = async (sub: string): Promise<string> =>
      `Bearer ${await setup.authx.createAccessToken({ sub })}`
    const read = async (headers: HeaderMap): Promise<unknown> => {
      const http = { method: 'POST', headers, search: '' }
      const { body } = await server.executeOperation({ query: '{ may }', http } as never)
      return body.kind === 'single' && (body.singleResult.errors?.[0]?.extensions?.reason ?? 'passed')
    }
    const headers = new HeaderMap([['authorization', await tokenOf('ada')]])
    expect(await read(headers)).toBe('passed')
    const copy = Object.assign(new HeaderMap(), headers)
    headers.delete('authorization')
    expect([await read(headers), await read(copy)]).toEqual(['TOKEN_MISSING', 'TOKEN_MISSING'])
    const frozen = new HeaderMap([['authorization', await tokenOf('eve')]])
    Object.freeze(frozen)
    expect(await read(frozen)).toBe('passed')
    await server.stop()
  })

  test('goes by what came, whatever another plugin puts in place of it', async () => {
    const setup = openStage()
    const swap: ApolloServerPlugin = {
      async requestDidStart({ request }) {
        Object.assign(request, { http: { ...request.http, headers: new HeaderMap([['x', 'y']]) } })
      },
    }
    const authorization = `Bearer ${await setup.authx.createAccessToken({ sub: 'ada' })}`
    const reply = await post(
      await apolloExpress(setup, { plugins: [swap] }),
      { query: '{ secret }' },
      { authorization },
    )
    expect(verdictOf(reply).data).toEqual({ secret: 'ada' })
  })

  test.each([
    ['seen where the context has the request', true, 'CREDENTIALS_AMBIGUOUS'],
    ['hidden by Node where it has not', false, undefined],
  ])('a second Authorization header is %s', async (_title, isGiven, reason) => {
    const setup = openStage()
    const server = apollo(setup)
    await server.start()
    const context = async (both: object): Promise<object> => (isGiven ? both : {})
    const app = express().use(express.json(), expressMiddleware(server, { context }))
    const token = await setup.authx.createAccessToken({ sub: 'ada' })
    const authorization = [`Bearer ${token}`, 'Bearer other']
    const reply = await post(
      await listen(app, () => server.stop()),
      { query: '{ secret }' },
      { authorization },
    )
    expect(verdictOf(reply).reasons).toEqual(reason === undefined ? [] : [reason])
  })

  test('refuses an option that it does not know', () => {
    const { authx } = openStage()
    expect(() => authxPlugin(authx, { origin: 'x' } as object)).toThrow('authxPlugin')
  })
})
