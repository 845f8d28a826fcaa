import Fastify, { type FastifyInstance } from 'fastify'
import { buildSchema } from 'graphql'
import mercurius, { type MercuriusOptions } from 'mercurius'
import { afterEach, describe, expect, test } from 'vitest'
import { mercuriusAuthX, mercuriusOptions } from '../../src/graphql/adapters/mercurius.ts'
import type { AuthX } from '../../src/index.ts'
import { bearer } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'

const SDL = `
  type Query { open: String secret: String @auth person: Person }
  type Person { name: String age: Int @auth }
`

let app: FastifyInstance
afterEach(() => app.close())

async function start(options: MercuriusOptions, authx: AuthX = openAuthX().authx): Promise<AuthX> {
  app = Fastify()
  await app.register(mercurius, mercuriusOptions(authx, options))
  await app.register(mercuriusAuthX(authx))
  return authx
}

async function ask(query: string, token?: string) {
  const answer = await app.inject({
    method: 'POST',
    url: '/graphql',
    payload: { query },
    headers: bearer(token),
  })
  return { status: answer.statusCode, ...answer.json() }
}

const REFUSED = { data: { person: { age: null } }, errors: [{ extensions: { reason: 'TOKEN_MISSING' } }] }
const LOADERS = { Person: { age: async (queries: unknown[]) => queries.map(() => 36) } }
const resolvers = { Query: { open: () => 'open', secret: () => 'secret', person: () => ({ name: 'Ada' }) } }

describe('a schema that Mercurius makes', () => {
  test('of SDL, resolvers and loaders is protected, loaders too', async () => {
    const { authx } = openAuthX()
    await start({ schema: [authx.typeDefs, SDL], resolvers, loaders: LOADERS }, authx)
    expect(await ask('{ open secret }')).toMatchObject({ data: { open: 'open', secret: null } })
    expect(await ask('{ person { age } }')).toMatchObject(REFUSED)
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await ask('{ person { age } }', token)).toMatchObject({ data: { person: { age: 36 } } })
  })

  test('is protected whatever changes it later', async () => {
    const { authx } = openAuthX()
    await start({ schema: [authx.typeDefs, SDL], resolvers }, authx)
    app.graphql.defineLoaders(LOADERS)
    app.graphql.extendSchema('extend type Query { late: String @auth }')
    app.graphql.defineResolvers({ Query: { late: () => 'late', secret: () => 'other' } })
    expect(await ask('{ late secret }')).toMatchObject({ data: { late: null, secret: null } })
    expect(await ask('{ person { age } }')).toMatchObject(REFUSED)
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await ask('{ late secret }', token)).toMatchObject({ data: { late: 'late', secret: 'other' } })
    app.graphql.replaceSchema(buildSchema(`${authx.typeDefs} ${SDL}`))
    expect(await ask('{ secret }')).toMatchObject({ errors: [{ extensions: { reason: 'TOKEN_MISSING' } }] })
    app.graphql.transformSchema(() => buildSchema(`${authx.typeDefs} type Query { new: String @auth }`))
    expect(await ask('{ new }')).toMatchObject({ errors: [{ extensions: { reason: 'TOKEN_MISSING' } }] })
  })

  test('is not served where it is put there past all that', async () => {
    const { authx } = openAuthX()
    await start({ schema: [authx.typeDefs, SDL], resolvers }, authx)
    app.graphql.schema = buildSchema(`${authx.typeDefs} type Query { new: String @auth }`)
    expect(await ask('{ new }')).toMatchObject({
      status: 500,
      data: null,
      errors: [{ message: 'Unexpected error.' }],
    })
  })

  test('is not served where a change of it cannot be protected', async () => {
    const { authx } = openAuthX()
    await start({ schema: [authx.typeDefs, SDL], resolvers }, authx)
    const change = () => app.graphql.extendSchema('extend type Query { late: String @auth(scopes: []) }')
    expect(change).toThrow('Query.late')
    expect(await ask('{ late }')).toMatchObject({ status: 500, data: null })
  })

  test('is refused at the start where it cannot mean what it says', async () => {
    const { authx } = openAuthX()
    const wrong = `${authx.typeDefs} type Query { open: String @auth(scopes: []) }`
    await expect(start({ schema: wrong }, authx)).rejects.toThrow('Query.open')
  })
})

describe('the options without the plugin', () => {
  const SUBSCRIBING = `${SDL} type Subscription { ticks: Int @auth }`
  const open = (authx: AuthX) =>
    mercuriusOptions(authx, { schema: [authx.typeDefs, SUBSCRIBING], resolvers, subscription: true })

  test('do not let the app start', async () => {
    const { authx } = openAuthX()
    app = Fastify()
    await app.register(mercurius, open(authx))
    await expect(app.listen({ port: 0 })).rejects.toThrow('await app.register(mercuriusAuthX(authx))')
    expect(await ask('{ secret }')).toMatchObject({ data: null })
  })

  test('do not let the app start either where the plugin is that of another instance', async () => {
    app = Fastify()
    await app.register(mercurius, open(openAuthX().authx))
    await app.register(mercuriusAuthX(openAuthX().authx))
    await expect(app.ready()).rejects.toThrow('another AuthX instance')
  })
})

describe('the plugin', () => {
  test.each<[string, MercuriusOptions, number]>([
    ['says that subscriptions are not served', {}, 1],
    ['says nothing where they are', { subscription: true }, 0],
  ])('%s', async (_, options, lines) => {
    const { authx, log } = openAuthX()
    const schema = [authx.typeDefs, SDL, 'type Subscription { ticks: Int @auth }']
    await start({ schema, resolvers, ...options }, authx)
    expect(log.lines.filter((line) => line.includes('`subscription: true`'))).toHaveLength(lines)
  })

  test('refuses a context that is one object for all requests at the start', () => {
    app = Fastify()
    const { authx } = openAuthX()
    expect(() => mercuriusOptions(authx, { context: { db: 1 } })).toThrow('mercuriusOptions.context')
  })

  test('refuses what is no AuthX instance, such as the app', () => {
    app = Fastify()
    for (const given of [undefined, null, {}, app]) {
      expect(() => mercuriusAuthX(given as never)).toThrow(
        'mercuriusAuthX: first argument: an AuthX instance',
      )
      expect(() => mercuriusOptions(given as never, {})).toThrow('mercuriusOptions: first argument')
    }
  })

  test('says where Mercurius is not there yet', async () => {
    app = Fastify()
    app.register(mercuriusAuthX(openAuthX().authx))
    await expect(app.ready()).rejects.toThrow(/mercurius/)
  })

  test('refuses an option that it does not know', async () => {
    app = Fastify()
    expect(() => mercuriusAuthX(openAuthX().authx, { origin: [] } as never)).toThrow('mercuriusAuthX.origin')
  })
})

describe('outside of a request', () => {
  test('app.graphql() is nobody, and no way in', async () => {
    const { authx, log } = openAuthX()
    await start({ schema: [authx.typeDefs, SDL], resolvers }, authx)
    await app.ready()
    expect(JSON.parse(JSON.stringify(await app.graphql('{ open secret }')))).toMatchObject({
      data: { open: 'open', secret: null },
      errors: [{ message: 'Unexpected error.', path: ['secret'] }],
    })
    expect(log.lines.join()).toContain('without the context')
  })

  test('a context that an app filled itself is left as it is', async () => {
    const { authx } = openAuthX()
    await start({ schema: [authx.typeDefs, SDL], resolvers }, authx)
    await app.ready()
    const token = await authx.createAccessToken({ sub: 'ada' })
    const opened = authx.serving.open({
      headerValues: (name) => (name === 'authorization' ? [`Bearer ${token}`] : []),
    })
    const context = { ...opened.contextMembers({}) }
    expect(await app.graphql('{ secret }', context)).toMatchObject({ data: { secret: 'secret' } })
  })
})

describe('a route of the app', () => {
  test('has reply.graphql with all that Mercurius has of its own', async () => {
    const { authx } = openAuthX()
    await start({ schema: [authx.typeDefs, SDL], resolvers, routes: false }, authx)
    app.get('/mine', (_, reply) => reply.graphql('{ secret }', {}))
    app.register(async (child) => {
      child.get('/child', async (_, reply) => reply.send(await reply.graphql('{ secret }')))
    })
    for (const url of ['/mine', '/child']) {
      const refused = await app.inject(url)
      expect([
        refused.statusCode,
        refused.headers['cache-control'],
        refused.headers['www-authenticate'],
      ]).toEqual([200, 'no-store', undefined])
      expect(refused.json().errors[0].extensions.reason).toBe('TOKEN_MISSING')
      const headers = bearer(await authx.createAccessToken({ sub: 'ada' }))
      expect((await app.inject({ url, headers })).json()).toEqual({ data: { secret: 'secret' } })
    }
  })

  test('is refused as a whole where operations are, with the status', async () => {
    const { authx } = openAuthX({ enforcement: 'operation' })
    await start({ schema: [authx.typeDefs, SDL], resolvers, routes: false }, authx)
    app.get('/mine', (_, reply) => reply.graphql('{ open secret }', {}))
    const refused = await app.inject('/mine')
    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([401, 'Bearer'])
  })
})

test('every operation of a document has to pass where a route of the app says which one runs', async () => {
  const { authx } = openAuthX({ enforcement: 'operation' })
  await start({ schema: [authx.typeDefs, SDL], resolvers }, authx)
  const document = 'query A { open } query B { secret }'
  app.get('/mine', (_, reply) => reply.graphql(document, {}, {}, 'A'))
  expect((await app.inject('/mine?operationName=A')).statusCode).toBe(401)
  const headers = bearer(await authx.createAccessToken({ sub: 'ada' }))
  expect((await app.inject({ url: '/mine', headers })).json()).toEqual({ data: { open: 'open' } })
})

test('a context that is one object for all requests is refused, not shared', async () => {
  const { authx } = openAuthX()
  const shared = {}
  await start({ schema: [authx.typeDefs, SDL], resolvers, context: () => shared }, authx)
  const token = await authx.createAccessToken({ sub: 'ada' })
  expect(await ask('{ secret }', token)).toMatchObject({ data: { secret: 'secret' } })
  expect(await ask('{ secret }')).toMatchObject({ status: 500, data: null })
})

test('nor is one that two requests are given while a hook makes both wait', async () => {
  const { authx } = openAuthX()
  const shared = {}
  await start({ schema: [authx.typeDefs, SDL], resolvers, context: () => shared }, authx)
  app.graphql.addHook('preParsing', () => new Promise((resolve) => setTimeout(resolve, 20)))
  const token = await authx.createAccessToken({ sub: 'ada' })
  const [first, second] = await Promise.all([ask('{ secret }', token), ask('{ secret }')])
  expect(first).toMatchObject({ data: { secret: 'secret' } })
  expect(second).toMatchObject({ status: 500, data: null })
})
