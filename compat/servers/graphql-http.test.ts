import { createServer } from 'node:http'
import { type ExecutionResult, GraphQLError, NoSchemaIntrospectionCustomRule, parse } from 'graphql'
import { createHandler, type HandlerOptions } from 'graphql-http/lib/use/http'
import { describe, expect, test } from 'vitest'
import { authxOptions } from '../../src/graphql/adapters/graphql-http.ts'
import type { AuthX, AuthXOptions } from '../../src/index.ts'
import { guarded } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'
import { exchange, type Reply, verdictOf } from './exchange.ts'
import { listen } from './listen.ts'
import { stage } from './stage.ts'

type Options = HandlerOptions<Record<PropertyKey, unknown>>

interface Stage {
  readonly authx: AuthX
  readonly ran: string[]
  ask(query: string, headers?: Record<string, string>): Promise<Reply>
}

function open(more: Options | ((authx: AuthX) => Options) = {}, options: AuthXOptions = {}): Stage {
  const { authx } = openAuthX(options)
  const ran: string[] = []
  const given: Options = { schema: stage(authx, ran), ...(typeof more === 'function' ? more(authx) : more) }
  return {
    authx,
    ran,
    async ask(query, headers = {}) {
      const served = await listen(createHandler(authxOptions(authx, given)))
      const all = { 'content-type': 'application/json', ...headers }
      try {
        return await exchange(served.url, { method: 'POST', body: { query }, headers: all })
      } finally {
        await served.close()
      }
    },
  }
}

const masking = (): Error => new Error('masked')

describe('the options for graphql-http', () => {
  test('set status and challenge by the refusals, whatever formatError makes of them', async () => {
    const reply = await open({ formatError: masking }).ask('{ secret }')
    expect(reply.text).toBe('{"errors":[{"message":"masked"}],"data":null}')
    expect(reply).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
  })

  test('set them whatever onOperation makes of the result', async () => {
    const onOperation = (): ExecutionResult => ({ data: null, errors: [new GraphQLError('masked')] })
    expect(await open({ onOperation }).ask('{ secret }')).toMatchObject({ status: 401 })
    const saved = await open({ onOperation: () => ({ data: { secret: 'public' } }) }).ask('{ secret }')
    expect(verdictOf(saved)).toEqual({ status: 200, reasons: [], data: { secret: 'public' } })
  })

  test('wait for what onOperation and the context give, whatever their `then` gives', async () => {
    // biome-ignore-start lint/suspicious/noThenProperty: what is tested
    const onOperation = () => ({ then: (done: (own: undefined) => void) => void setTimeout(done) }) as never
    const context = () =>
      ({ then: (done: (own: object) => void) => void setTimeout(() => done({})) }) as never
    // biome-ignore-end lint/suspicious/noThenProperty: what is tested
    const reply = await open({ onOperation, context }).ask('{ secret }')
    expect(reply).toMatchObject({ status: 401, headers: { 'cache-control': 'no-store' } })
  })

  test('keep what options inherit', async () => {
    const { authx } = openAuthX()
    const schema = stage(authx, [])
    class Given {
      get schema() {
        return schema
      }
      validationRules = [NoSchemaIntrospectionCustomRule]
      formatError = masking
    }
    const given = Object.create(new Given(), { rootValue: { value: {}, enumerable: true } })
    // Whoever adds to what comes back keeps as much as with plain options.
    for (const options of [
      authxOptions(authx, given as Options),
      { ...authxOptions(authx, new Given()), schema },
    ]) {
      const served = await listen(createHandler(options))
      const headers = { 'content-type': 'application/json' }
      const ask = (query: string) => exchange(served.url, { method: 'POST', body: { query }, headers })
      try {
        const hidden = '{"errors":[{"message":"masked"}]}'
        expect((await ask('{ __schema { description } }')).text).toBe(hidden)
        expect((await ask('{ opn }')).text).toBe(hidden)
        expect((await ask('{ open }')).text).toContain('{"data":{"open":')
      } finally {
        await served.close()
      }
    }
  })

  test('put their headers on an answer that onOperation made by itself', async () => {
    const onOperation = () => ['{}', { status: 418, statusText: '', headers: { 'x-own': '1' } }] as const
    const reply = await open({ onOperation }).ask('{ may }')
    expect(reply).toMatchObject({ status: 418, headers: { 'x-own': '1', 'cache-control': 'no-store' } })
  })

  test.each([
    ['application/json', 'application/json; charset=utf-8'],
    ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
    [
      'text/html, application/graphql-response+json;q=0.9, */*',
      'application/graphql-response+json; charset=utf-8',
    ],
    ['*/*', 'application/json; charset=utf-8'],
  ])('answer %s with %s, as without them', async (accept, type) => {
    expect((await open().ask('{ secret }', { accept })).headers['content-type']).toBe(type)
    expect((await open().ask('{ secre }', { accept })).headers['content-type']).toBe(type)
  })

  test('copy a context that every request has in common, so that none sees who another is', async () => {
    const context = { shared: true }
    const { authx, ask } = open({ context })
    const authorization = `Bearer ${await authx.createAccessToken({ sub: 'ada' })}`
    expect(verdictOf(await ask('{ secret }', { authorization })).data).toEqual({ secret: 'ada' })
    expect(context).toEqual({ shared: true })
    expect(verdictOf(await ask('{ secret }')).reasons).toEqual(['TOKEN_MISSING'])
  })

  test.each([{}, { contextValue: { own: true } }])(
    'hold for an operation that onSubscribe brings, with %o',
    async (more) => {
      const { authx, ask } = open((instance) => ({
        onSubscribe: () => ({ schema: stage(instance, []), document: parse('{ secret }'), ...more }),
      }))
      const authorization = `Bearer ${await authx.createAccessToken({ sub: 'ada' })}`
      expect(verdictOf(await ask('{ open }', { authorization })).data).toEqual({ secret: 'ada' })
      expect(verdictOf(await ask('{ open }'))).toMatchObject({ status: 401, reasons: ['TOKEN_MISSING'] })
    },
  )

  test('keep callers apart who are served with the same arguments at once', async () => {
    const later = () => new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 20))
    const { authx, ask } = open(
      (instance) => {
        const kept = { schema: stage(instance, []), document: parse('{ secret }') }
        return { context: () => later().then(() => ({})), onSubscribe: () => kept }
      },
      { enforcement: 'operation' },
    )
    authx.setTokenBlocklistCallback(later)
    const names = ['ada', 'bob', 'eve']
    const tokens = await Promise.all(names.map((sub) => authx.createAccessToken({ sub })))
    const replies = await Promise.all(
      tokens.map((token) => ask('{ open }', { authorization: `Bearer ${token}` })),
    )
    expect(replies.map((reply) => verdictOf(reply).data)).toEqual(names.map((secret) => ({ secret })))
  })

  test('hold where the schema is chosen for each request', async () => {
    const { ask } = open((authx) => ({ schema: async () => stage(authx, []) }), { enforcement: 'operation' })
    expect(verdictOf(await ask('{ open may }'))).toMatchObject({ status: 401, reasons: ['TOKEN_MISSING'] })
  })

  test('answer 500 where a context cannot be filled', async () => {
    const { ask, ran } = open({ context: (() => 'text') as never })
    expect(await ask('{ open }')).toMatchObject({ status: 500, text: '' })
    expect(ran).toEqual([])
  })

  test('add their cookies to those that a resolver set on the response', async () => {
    const { authx } = openAuthX({ locations: { access: ['cookies'] } })
    const schema = guarded(authx, 'type Query { open: Int } type Mutation { login: Boolean }', {
      Mutation: {
        login: async (_source, _args, { res, tokenCookies }) => {
          res.setHeader('set-cookie', 'theme=dark')
          tokenCookies.set(await authx.createTokenPair({ sub: 'ada' }))
          return true
        },
      },
    })
    const options = authxOptions(authx, {
      schema,
      context: (req: { context: { res: object } }) => ({ ...req.context }),
    })
    const served = await listen(createHandler(options as Options))
    const headers = { 'content-type': 'application/json' }
    const reply = await exchange(served.url, {
      method: 'POST',
      body: { query: 'mutation { login }' },
      headers,
    })
    await served.close()
    expect(verdictOf(reply).cookies).toEqual(['__Host-access_token', '__Host-csrf_token', 'theme'])
  })

  test('keep the types of the handler that they are for', () => {
    const { authx } = openAuthX()
    const schema = stage(authx, [])
    const listener = createHandler(
      authxOptions(authx, { schema, context: (req) => ({ agent: req.raw.headers['user-agent'] }) }),
    )
    expect(createServer(listener)).toBeDefined()
  })
})
