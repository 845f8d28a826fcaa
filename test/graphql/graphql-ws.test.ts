import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { handleProtocols, makeServer, type ServerOptions } from 'graphql-ws'
import { type Extra, useServer } from 'graphql-ws/use/ws'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { type WithAuthXOptions, withAuthX } from '../../src/graphql/adapters/graphql-ws.ts'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { AuthError, type AuthXOptions } from '../../src/index.ts'
import { gate, guarded, type Resolvers } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { openSocket } from '../harness/socket.ts'

type Options = ServerOptions<Record<string, unknown>, Extra>

const TYPES = `
  type Query { open: String secret: String @auth slow: String @auth scoped: Int @auth(scopes: ["a"]) greeting: String }
  type Mutation { logout: Boolean @auth login: Boolean }
  type Subscription { ticks: Int @auth begins: Int @auth }
`

const ran: string[] = []
const signals: AbortSignal[] = []

const resolvers: Resolvers = {
  Query: {
    open: () => ran.push('open') && 'open',
    secret: (_, __, { auth }) => auth.claims.sub,
    slow: (_, __, { wait }) => ran.push('slow') && wait,
    greeting: (_, __, { greeting }) => greeting,
  },
  Mutation: {
    logout: async (_, __, { auth }) => (await auth.logout()) ?? true,
    login: async (_, __, { tokenCookies, authx }) =>
      tokenCookies.set(await authx.createTokenPair({ sub: 'ada' })) && true,
  },
  Subscription: {
    begins: {
      subscribe: (_: unknown, __: unknown, { auth }: { auth: { signal: AbortSignal } }) => {
        signals.push(auth.signal)
        return new Promise(() => undefined)
      },
    },
    ticks: {
      async *subscribe() {
        for (let tick = 1; ; tick++) {
          yield { ticks: tick }
          await setTimeout(20)
        }
      },
    },
  },
}

/** graphql-ws as its users set it up: no server behind. */
async function serve(options: AuthXOptions = {}, more: Options = {}) {
  const instance = openAuthX(options)
  const { authx } = instance
  const schema = guarded(authx, TYPES, resolvers)
  const http = createServer()
  const server = useServer(
    withAuthX(authx, { schema, ...more } as Options),
    new WebSocketServer({ server: http }),
  )
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
  const connect = async (token?: string) => {
    const socket = await openSocket(url)
    await socket.init(token === undefined ? undefined : { authorization: `bearer ${token}` })
    /** Events of a subscription may come in between. */
    const nextOf = async (id: string) => {
      for (;;) {
        const message = await socket.next()
        if (message.id === id) return message
      }
    }
    return Object.assign(socket, {
      async ask(query: string, payload: object = {}) {
        socket.subscribe('q', query, payload)
        const answer = await nextOf('q')
        if (answer.type === 'next') await nextOf('q')
        return answer.payload
      },
    })
  }
  return {
    ...instance,
    connect,
    url,
    async [Symbol.asyncDispose]() {
      await server.dispose()
      await new Promise((resolve) => http.close(resolve))
      await authx.close()
    },
  }
}

describe('withAuthX, on graphql-ws alone', () => {
  test('judges fields by the token of the connection', async () => {
    await using server = await serve()
    const token = await server.authx.createAccessToken({ sub: 'ada', scopes: ['b'] })
    await using socket = await server.connect(token)
    expect(await socket.ask('{ open secret }')).toEqual({ data: { open: 'open', secret: 'ada' } })
    expect(await socket.ask('{ scoped }')).toMatchObject({
      data: { scoped: null },
      errors: [{ extensions: { code: 'FORBIDDEN', reason: 'SCOPES_MISSING', scopes: [['a']] } }],
    })
    await using anonymous = await server.connect()
    expect(await anonymous.ask('{ open secret }')).toMatchObject({
      data: { open: 'open', secret: null },
      errors: [{ extensions: { reason: 'TOKEN_MISSING' } }],
    })
  })

  test('a logout over the socket ends what runs over it, answers, and closes it', async () => {
    await using server = await serve()
    await using socket = await server.connect(await server.authx.createAccessToken({ sub: 'ada' }))
    socket.subscribe('s', 'subscription { ticks }')
    expect(await socket.next()).toMatchObject({ id: 's', payload: { data: { ticks: 1 } } })
    socket.subscribe('l', 'mutation { logout }')
    const { messages, code } = await socket.rest()
    expect(code).toBe(4403)
    expect(messages).toContainEqual({ id: 'l', type: 'next', payload: { data: { logout: true } } })
    expect(messages.filter(({ id }) => id === 's').slice(-2)).toEqual([
      {
        id: 's',
        type: 'next',
        payload: {
          errors: [
            expect.objectContaining({ extensions: expect.objectContaining({ reason: 'TOKEN_REVOKED' }) }),
          ],
        },
      },
      { id: 's', type: 'complete' },
    ])
  })

  test("keeps the user's own hooks and context, and asks their onConnect only where the token is good", async () => {
    const told: string[] = []
    await using server = await serve(
      {},
      {
        context: async (_, id) => ({ greeting: `hello ${id}` }),
        onConnect: () => void told.push('connect'),
        onOperation: () => void told.push('operation'),
        onComplete: () => void told.push('complete'),
        onClose: () => void told.push('close'),
      },
    )
    const refused = await openSocket(server.url)
    refused.send({ type: 'connection_init', payload: { authorization: 'Bearer garbage' } })
    expect((await refused.rest()).code).toBe(4403)
    await vi.waitFor(() => expect(told).toEqual(['close']))
    await using socket = await server.connect()
    expect(await socket.ask('{ greeting }')).toEqual({ data: { greeting: 'hello q' } })
    expect(told).toEqual(['close', 'connect', 'operation', 'complete'])
  })

  test('a constant context of the user is not shared between operations', async () => {
    const context = { greeting: 'hello' }
    await using server = await serve({}, { context })
    await using socket = await server.connect(await server.authx.createAccessToken({ sub: 'ada' }))
    expect(await socket.ask('{ greeting secret }')).toEqual({ data: { greeting: 'hello', secret: 'ada' } })
    expect(Reflect.ownKeys(context)).toEqual(['greeting'])
  })

  test('one context that a function gives for all is no way to the token of another', async () => {
    const shared = { greeting: 'hello' }
    await using server = await serve({}, { context: () => shared })
    await using holder = await server.connect(await server.authx.createAccessToken({ sub: 'ada' }))
    await using nobody = await server.connect()
    expect(await holder.ask('{ secret }')).toEqual({ data: { secret: 'ada' } })
    holder.subscribe('open', 'subscription { ticks }')
    await holder.next()
    const missing = { errors: [{ extensions: { reason: 'TOKEN_MISSING' } }] }
    expect(await nobody.ask('{ secret }')).toMatchObject(missing)
    expect(await holder.ask('{ greeting secret }')).toEqual({ data: { greeting: 'hello', secret: 'ada' } })
    expect(Reflect.ownKeys(shared)).toEqual(['greeting'])
  })

  test.each<[string, (of: object) => object]>([
    ['itself', (of) => of],
    ['spread into another', (of) => ({ ...of, greeting: 'spread' })],
    ['behind another', (of) => Object.create(of)],
  ])(
    'the context of an operation, given %s to a second, is no way to the token of the first',
    async (_, given) => {
      const contexts: object[] = []
      await using server = await serve(
        {},
        {
          onSubscribe: async (_, __, { query }) => ({
            schema: own.schema as never,
            document: (await import('graphql')).parse(query),
            contextValue: contexts[0] === undefined ? {} : given(contexts[0]),
          }),
          onOperation: (_, __, ___, { contextValue }) => void contexts.push(contextValue as object),
        },
      )
      const own = { schema: guarded(server.authx, TYPES, resolvers) }
      await using holder = await server.connect(await server.authx.createAccessToken({ sub: 'ada' }))
      await using nobody = await server.connect()
      expect(await holder.ask('{ secret }')).toEqual({ data: { secret: 'ada' } })
      expect(contexts).toHaveLength(1)
      const missing = { errors: [{ extensions: { reason: 'TOKEN_MISSING' } }] }
      expect(await nobody.ask('{ secret }')).toMatchObject(missing)
      await using other = await server.connect(await server.authx.createAccessToken({ sub: 'bob' }))
      expect(await other.ask('{ secret }')).toEqual({ data: { secret: 'bob' } })
    },
  )

  test('one context of a connection serves each of its operations', async () => {
    await using server = await serve({}, { context: ({ extra }: { extra: object }) => extra })
    await using socket = await server.connect(await server.authx.createAccessToken({ sub: 'ada' }))
    for (const _ of [1, 2]) expect(await socket.ask('{ secret }')).toEqual({ data: { secret: 'ada' } })
  })

  test('fills the context that onSubscribe of the user made', async () => {
    const { parse } = await import('graphql')
    await using server = await serve(
      {},
      {
        onSubscribe: (_, __, { query }) => ({
          schema: own.schema as never,
          document: parse(query),
          contextValue: { greeting: 'own' },
        }),
      },
    )
    const own = { schema: guarded(server.authx, TYPES, resolvers) }
    await using socket = await server.connect(await server.authx.createAccessToken({ sub: 'ada' }))
    expect(await socket.ask('{ greeting secret }')).toEqual({ data: { greeting: 'own', secret: 'ada' } })
  })

  test.each<[string, (context: object) => object]>([
    ['as it is', (context) => context],
    ['spread into another', (context) => ({ ...context, greeting: 'spread' })],
  ])(
    'goes by the token of the connection where Yoga behind makes the context, given %s',
    async (_, given) => {
      const { createYoga } = await import('graphql-yoga')
      const yogaOf = () =>
        createYoga({ schema: guarded(server.authx, TYPES, resolvers), plugins: [useAuthX(server.authx)] })
      let yoga: ReturnType<typeof yogaOf> | undefined
      type Run = Record<'execute' | 'subscribe', (args: unknown) => never>
      await using server = await serve(
        {},
        {
          execute: (args) => (args.rootValue as Run).execute(args),
          subscribe: (args) => (args.rootValue as Run).subscribe(args),
          onSubscribe: async ({ extra, connectionParams }, _, params) => {
            yoga ??= yogaOf()
            const { schema, execute, subscribe, contextFactory, parse } = yoga.getEnveloped({
              extra,
              connectionParams,
              params,
            })
            const document = parse(params.query)
            const contextValue = given(await contextFactory())
            return { schema, document, contextValue, rootValue: { execute, subscribe } }
          },
        },
      )
      const token = await server.authx.createAccessToken({ sub: 'ada' })
      await using socket = await server.connect(token)
      expect(await socket.ask('{ open secret }')).toEqual({ data: { open: 'open', secret: 'ada' } })
      socket.subscribe('s', 'subscription { ticks }')
      expect(await socket.next()).toMatchObject({ payload: { data: { ticks: 1 } } })
      await server.authx.revoke({ token })
      const { messages, code } = await socket.rest()
      expect(code).toBe(4403)
      expect(JSON.stringify(messages).match(/TOKEN_REVOKED/g)).toHaveLength(1)
      expect(messages.at(-1)).toEqual({ id: 's', type: 'complete' })
    },
  )

  test('refuses whole operations before anything runs, where enforcement is operation', async () => {
    await using server = await serve({ enforcement: 'operation' })
    await using socket = await server.connect()
    ran.length = 0
    expect(await socket.ask('{ open secret }')).toMatchObject({
      errors: [{ extensions: { reason: 'TOKEN_MISSING' } }],
    })
    expect(ran).toEqual([])
  })

  test('shows each caller a schema of their own, where introspection is caller', async () => {
    await using server = await serve({ introspection: 'caller' })
    await using socket = await server.connect()
    const { data } = await socket.ask('{ __type(name: "Query") { fields { name } } }')
    expect(data.__type.fields).toEqual([{ name: 'open' }, { name: 'greeting' }])
    expect(JSON.stringify(await socket.ask('{ secre }'))).not.toContain('secret')
  })

  test('hands the callback the context of an operation, and none where a connection begins', async () => {
    await using server = await serve({}, { context: () => ({ greeting: 'hello' }) })
    const contexts: unknown[] = []
    server.authx.setTokenBlocklistCallback((_, { context }) => {
      contexts.push((context as { greeting?: string } | undefined)?.greeting)
      return false
    })
    await using socket = await server.connect(await server.authx.createAccessToken({ sub: 'ada' }))
    expect(await socket.ask('{ secret }')).toEqual({ data: { secret: 'ada' } })
    expect(contexts).toEqual([undefined, 'hello'])
  })

  test('says that cookies cannot be set over a socket', async () => {
    await using server = await serve(
      { locations: { access: ['cookies', 'headers'] } },
      { context: () => ({ authx: server.authx }) },
    )
    await using socket = await server.connect()
    const answer = await socket.ask('mutation { login }')
    expect(answer.errors[0].message).toContain('takes no cookies')
  })

  test('closes with 1013 while nobody can say whether the token is revoked', async () => {
    await using server = await serve({ callbackTimeout: 100 })
    server.authx.setTokenBlocklistCallback(() => new Promise(() => undefined))
    const socket = await openSocket(server.url)
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    socket.send({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } })
    expect(await socket.rest()).toMatchObject({ code: 1013, messages: [] })
  })

  test.each<[string, (token: string) => object]>([
    ['under Authorization', (token) => ({ Authorization: `Bearer ${token}` })],
    ['in headers', (token) => ({ headers: { authorization: `Bearer ${token}` } })],
  ])('finds the token of connectionParams %s', async (_, params) => {
    await using server = await serve()
    await using socket = await openSocket(server.url)
    await socket.init(params(await server.authx.createAccessToken({ sub: 'ada' })))
    socket.subscribe('q', '{ secret }')
    expect((await socket.next()).payload).toEqual({ data: { secret: 'ada' } })
    expect(server.log.lines).toEqual([])
  })

  test.each(['token', 'access_token', 'authToken', 'headers'])(
    'says once in the log that a token came under %s, where none is looked for',
    async (param) => {
      await using server = await serve()
      const token = await server.authx.createAccessToken({ sub: 'ada' })
      for (let time = 0; time < 2; time++) {
        await using socket = await openSocket(server.url)
        await socket.init(param === 'headers' ? { headers: { token } } : { [param]: `Bearer ${token}` })
      }
      expect(server.log.lines).toEqual([
        expect.stringMatching(/^warn a WebSocket's connectionParams have what looks like a token/),
      ])
      expect(server.log.lines.join()).not.toContain(token)
    },
  )

  test('refuses a token without its scheme', async () => {
    await using server = await serve()
    const socket = await openSocket(server.url)
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    socket.send({ type: 'connection_init', payload: { Authorization: token } })
    expect(await socket.rest()).toMatchObject({ code: 4403, reason: 'Forbidden: TOKEN_MALFORMED' })
  })

  test('tells the page of another origin that it is the origin, and the operator which', async () => {
    await using server = await serve({ locations: { access: ['cookies'] } })
    for (let time = 0; time < 2; time++) {
      const socket = await openSocket(server.url, { origin: 'https://evil.example.com' })
      socket.send({ type: 'connection_init' })
      expect(await socket.rest()).toMatchObject({ code: 4403, reason: 'Forbidden: ORIGIN' })
    }
    expect(server.log.lines).toEqual([
      'warn a page of another origin was turned away; if it may ask, name it in `origins` of the adapter, or in AUTHX_CORS_ORIGINS of the server {"origin":"https://evil.example.com"}',
    ])
  })

  test.each(['schema', 'onSubscribe'])(
    'gives nothing of a schema that was never protected, where %s brings it with an operation',
    async (by) => {
      const { makeExecutableSchema } = await import('@graphql-tools/schema')
      const { parse } = await import('graphql')
      const { typeDefs } = openAuthX().authx
      const schema = makeExecutableSchema({ typeDefs: [typeDefs, TYPES], resolvers })
      const byHook: Options = {
        onSubscribe: (_, __, { query }) => ({ schema, document: parse(query), contextValue: {} }),
      }
      await using server = await serve({}, by === 'schema' ? { schema: () => schema } : byHook)
      await using socket = await server.connect(await server.authx.createAccessToken({ sub: 'ada' }))
      ran.length = 0
      for (const query of ['{ open secret }', 'subscription { ticks }', '{ open }']) {
        expect(await socket.ask(query)).toEqual({ errors: [{ message: 'Unexpected error.' }] })
      }
      expect(ran).toEqual([])
      expect(server.log.lines.filter((line) => line.includes('authx.protect(schema)'))).toHaveLength(1)
    },
  )

  test('refuses a schema that was never protected, and options that it does not know', async () => {
    const { authx } = openAuthX()
    const { makeExecutableSchema } = await import('@graphql-tools/schema')
    const schema = makeExecutableSchema({ typeDefs: [authx.typeDefs, TYPES], resolvers })
    expect(() => withAuthX(authx, { schema })).toThrow(/serve authx.protect\(schema\)/)
    expect(() => withAuthX(authx, {}, { origin: [] } as never)).toThrow(/origin/)
    expect(() => withAuthX(authx, { schemaa: schema } as object)).toThrow('withAuthX.schema: give the schema')
  })
})

describe('a server that keeps no request for its connections', () => {
  /** graphql-ws over `ws`, with what the servers of other runtimes keep as `extra`. */
  async function serveAs(
    extraOf: (socket: object, request: IncomingMessage) => object,
    more: WithAuthXOptions = {},
    locations: NonNullable<AuthXOptions['locations']> = { access: ['cookies'] },
  ) {
    const { authx, log } = openAuthX({ locations })
    const protocol = makeServer(withAuthX(authx, { schema: guarded(authx, TYPES, resolvers) }, more))
    const http = createServer()
    const sockets = new WebSocketServer({ server: http, handleProtocols })
    sockets.on('connection', (socket, request) => {
      const closed = protocol.opened(
        {
          protocol: socket.protocol,
          send: (text) => socket.send(text),
          close: (code, reason) => socket.close(code, reason),
          onMessage: (handle) => socket.on('message', (data) => void handle(String(data))),
        },
        extraOf(socket, request),
      )
      socket.once('close', (code, reason) => void closed(code, String(reason)))
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { accessToken, csrfToken } = await authx.createTokenPair({ sub: 'ada' })
    return {
      log,
      accessToken,
      path: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
      headers: { cookie: `__Host-access_token=${accessToken}; __Host-csrf_token=${csrfToken}` },
      params: { 'X-CSRF-TOKEN': csrfToken },
      async [Symbol.asyncDispose]() {
        sockets.close()
        http.closeAllConnections()
        await new Promise((resolve) => http.close(resolve))
        await authx.close()
      },
    }
  }
  const persisted = ({ headers, url = '' }: IncomingMessage) => {
    const [path, query] = url.split('?')
    return { method: 'get', url: path, query, headers }
  }

  test.each<[string, Parameters<typeof serveAs>]>([
    ['of uWebSockets.js', [(socket, request) => ({ socket, persistedRequest: persisted(request) })]],
    [
      'that the option `request` gives, of the Fetch API',
      [
        (socket, { headers }) => ({
          socket: { close: () => undefined, of: socket },
          data: {
            request: {
              url: 'https://here.example/',
              headers: new Headers(headers as Record<string, string>),
            },
          },
        }),
        { request: ({ data }) => data.request },
      ],
    ],
  ])('reads cookies, and turns pages away, by the request %s', async (_, how) => {
    await using server = await serveAs(...how)
    await using socket = await openSocket(server.path, server.headers)
    await socket.init(server.params)
    socket.subscribe('1', '{ secret }')
    expect((await socket.next()).payload).toEqual({ data: { secret: 'ada' } })
    const foreign = await openSocket(server.path, { ...server.headers, origin: 'https://evil.example' })
    foreign.send({ type: 'connection_init', payload: server.params })
    expect((await foreign.rest()).code).toBe(4403)
  })

  test.each<[string, (path: string, token: string) => string, (request: IncomingMessage) => object]>([
    ['in it', (path, token) => `${path}?token=${token}`, (request) => ({ request })],
    [
      'beside it',
      (path, token) => `${path}?token=${token}`,
      (request) => ({ persistedRequest: persisted(request) }),
    ],
  ])('a token in the query of the URL is found, with the query %s', async (_, urlOf, extraOf) => {
    await using server = await serveAs(
      (socket, request) => ({ socket, ...extraOf(request) }),
      {},
      { access: ['query'] },
    )
    await using socket = await openSocket(urlOf(server.path, server.accessToken))
    await socket.init()
    socket.subscribe('1', '{ secret }')
    expect((await socket.next()).payload).toEqual({ data: { secret: 'ada' } })
  })

  test('lets nobody in where tokens travel in cookies, and the log says how to mend it', async () => {
    await using server = await serveAs((socket) => ({ socket }))
    for (let time = 0; time < 2; time++) {
      await using socket = await openSocket(server.path, {
        ...server.headers,
        origin: 'https://evil.example',
      })
      socket.send({ type: 'connection_init', payload: server.params })
      // Whichever comes first: a welcome would be a message.
      expect(await Promise.race([socket.rest(), socket.next()])).toEqual({
        messages: [],
        code: 1011,
        reason: 'Internal error',
      })
    }
    expect(server.log.lines).toEqual([expect.stringContaining('give withAuthX the option `request`')])
  })

  test('lets in one connection for each `extra`, and the log says how to mend it', async () => {
    const extra = {}
    await using server = await serveAs(() => extra, {}, { access: ['headers'] })
    await using first = await openSocket(server.path)
    await first.init({ Authorization: `Bearer ${server.accessToken}` })
    await using second = await openSocket(server.path)
    second.send({ type: 'connection_init' })
    expect(await Promise.race([second.rest(), second.next()])).toMatchObject({ messages: [], code: 4403 })
    first.subscribe('1', '{ secret }')
    expect((await first.next()).payload).toEqual({ data: { secret: 'ada' } })
    expect(server.log.lines).toEqual([expect.stringContaining('one `extra` for several connections')])
  })

  test('is no matter where tokens come in connectionParams', async () => {
    await using server = await serveAs((socket) => ({ socket }), {}, { access: ['headers'] })
    await using socket = await openSocket(server.path)
    await socket.init({ Authorization: `Bearer ${server.accessToken}` })
    socket.subscribe('1', '{ secret }')
    expect((await socket.next()).payload).toEqual({ data: { secret: 'ada' } })
    expect(server.log.lines).toEqual([])
  })
})

describe('what clients do wrong', () => {
  test('is answered, and is no error of the server: nothing is told on stderr, and the connection stays', async () => {
    const stderr = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    try {
      const context = (_: unknown, id: string) => {
        if (id === 'refused') throw new AuthError('TOKEN_REVOKED')
        return {}
      }
      await using server = await serve({}, { context })
      await using socket = await server.connect()
      const answers = [
        ['syntax', '{'],
        ['mistake', '{ nothing }'],
        ['unnamed', 'query a { open } query b { open }'],
        ['refused', '{ open }'],
      ] as const
      const told: unknown[] = []
      for (const [id, query] of answers) {
        socket.subscribe(id, query)
        const { type, payload, code } = await Promise.race([socket.next(), socket.rest()])
        told.push([id, type ?? code, payload?.[0].extensions?.reason ?? payload?.[0].message])
      }
      expect(told).toEqual([
        ['syntax', 'error', 'Syntax Error: Expected Name, found <EOF>.'],
        ['mistake', 'error', 'Cannot query field "nothing" on type "Query".'],
        ['unnamed', 'error', 'Unable to identify operation'],
        ['refused', 'error', 'TOKEN_REVOKED'],
      ])
      expect(await socket.ask('{ open }')).toEqual({ data: { open: 'open' } })
      expect(stderr.mock.calls).toEqual([])
    } finally {
      stderr.mockRestore()
    }
  })
})

describe('an operation that is completed while it begins', () => {
  test('does not run', async () => {
    const { opened, open } = gate()
    await using server = await serve({}, { context: () => opened.then(() => ({})) })
    await using socket = await server.connect()
    ran.length = 0
    socket.subscribe('1', '{ open }')
    socket.send({ type: 'complete', id: '1' })
    socket.send({ type: 'ping' })
    expect(await socket.next()).toEqual({ type: 'pong' })
    open()
    expect(await socket.ask('{ open }')).toEqual({ data: { open: 'open' } })
    expect(ran).toEqual(['open'])
  })

  test('keeps its id until it has ended, so that no stream goes on that nobody can complete', async () => {
    const { opened, open } = gate()
    await using server = await serve({}, { context: () => opened.then(() => ({})) })
    await using socket = await server.connect(await server.authx.createAccessToken({ sub: 'ada' }))
    socket.subscribe('1', 'subscription { ticks }')
    socket.send({ type: 'complete', id: '1' })
    socket.subscribe('1', 'subscription { ticks }')
    expect(await Promise.race([socket.rest(), setTimeout(2000)])).toEqual({
      messages: [],
      code: 4409,
      reason: 'Subscriber for 1 already exists',
    })
    open()
  })

  test('closes with 4409 whoever takes its id until then, also where that has no room in the reason', async () => {
    await using server = await serve({}, { context: () => new Promise(() => undefined) })
    await using socket = await server.connect()
    const id = 'ä'.repeat(100)
    socket.subscribe(id, '{ open }')
    socket.send({ type: 'complete', id })
    socket.subscribe(id, '{ open }')
    expect((await socket.rest()).code).toBe(4409)
  })

  test('frees its id when it has ended', async () => {
    const { opened, open } = gate()
    await using server = await serve({}, { context: () => opened.then(() => ({})) })
    await using socket = await server.connect(await server.authx.createAccessToken({ sub: 'ada' }))
    ran.length = 0
    socket.subscribe('q', '{ open }')
    socket.send({ type: 'complete', id: 'q' })
    open()
    socket.subscribe('2', '{ open }')
    await vi.waitFor(() => expect(ran).toEqual(['open']))
    expect([await socket.next(), await socket.next()]).toMatchObject([{ id: '2' }, { id: '2' }])
    expect(await socket.ask('{ secret }')).toEqual({ data: { secret: 'ada' } })
  })
})

test('a client that leaves while its source begins: the signal says so', async () => {
  signals.length = 0
  await using server = await serve()
  const socket = await server.connect(await server.authx.createAccessToken({ sub: 'ada' }))
  socket.subscribe('1', 'subscription { begins }')
  await vi.waitFor(() => expect(signals.map(({ aborted }) => aborted)).toEqual([false]))
  await socket[Symbol.asyncDispose]()
  await vi.waitFor(() => expect(signals.map(({ aborted }) => aborted)).toEqual([true]))
})

describe('a connection whose token has ended', () => {
  /** Longer than what runs by that token gets to say that it has ended. */
  const LONG = 6000

  beforeEach(() => {
    ran.length = 0
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => void vi.useRealTimers())

  /** A connection by one token, over which operations can bring another. */
  async function connect(context: Options['context'] = {}) {
    const server = await serve({}, { context })
    const [token, own] = await Promise.all(
      ['ada', 'bob'].map((sub) => server.authx.createAccessToken({ sub })),
    )
    const socket = await server.connect(token)
    return {
      socket,
      extensions: { access_token: own },
      end: () => server.authx.revoke({ token: token as string }),
      async pong() {
        socket.send({ type: 'ping' })
        expect(await Promise.race([socket.next(), socket.rest()])).toEqual({ type: 'pong' })
      },
      async [Symbol.asyncDispose]() {
        await socket[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      },
    }
  }

  test('stays open for an operation with a token of its own, however long that works, and no longer', async () => {
    const { opened, open } = gate()
    await using one = await connect(() => ({ wait: opened.then(() => 'slow') }))
    one.socket.subscribe('own', '{ slow }', { extensions: one.extensions })
    await one.pong()
    expect(ran).toEqual(['slow'])
    await one.end()
    await vi.advanceTimersByTimeAsync(LONG)
    await one.pong()
    open()
    expect(await one.socket.next()).toEqual({ id: 'own', type: 'next', payload: { data: { slow: 'slow' } } })
    expect(await one.socket.next()).toEqual({ id: 'own', type: 'complete' })
    expect((await one.socket.rest()).code).toBe(4403)
  })

  test('is closed after the last of those, although what runs by its own token never ends', async () => {
    signals.length = 0
    await using one = await connect()
    one.socket.subscribe('hangs', 'subscription { begins }')
    one.socket.subscribe('own', 'subscription { ticks }', { extensions: one.extensions })
    expect(await one.socket.next()).toMatchObject({ id: 'own', payload: { data: { ticks: 1 } } })
    expect(signals).toHaveLength(1)
    await one.end()
    await vi.advanceTimersByTimeAsync(LONG)
    expect(await one.socket.next()).toMatchObject({ id: 'own', type: 'next' })
    one.socket.send({ type: 'complete', id: 'own' })
    one.socket.send({ type: 'ping' })
    while ((await one.socket.next()).type !== 'pong');
    await vi.advanceTimersByTimeAsync(LONG)
    expect(await Promise.race([one.socket.rest(), setTimeout(2000)])).toMatchObject({ code: 4403 })
  })

  test.each([
    ['a mistake in its document', '{ nothing }', undefined],
    ['a refusal of the context function', '{ open }', new AuthError('SCOPES_MISSING')],
  ])('does not stay open for an operation that %s ended', async (_, query, refusal) => {
    const { opened, open } = gate()
    await using one = await connect(() =>
      opened.then(() => {
        if (refusal !== undefined) throw refusal
        return {}
      }),
    )
    one.socket.subscribe('own', query, { extensions: one.extensions })
    if (refusal !== undefined) await one.pong()
    await one.end()
    await vi.advanceTimersByTimeAsync(LONG)
    open()
    await vi.advanceTimersByTimeAsync(LONG)
    expect((await one.socket.rest()).code).toBe(4403)
  })
})

test('its own options are checked', async () => {
  const { authx } = openAuthX()
  const schema = guarded(authx, TYPES, resolvers)
  expect(() => withAuthX(authx, { schema }, { maxOperations: 0 })).toThrow(/maxOperations: must be/)
  expect(() => withAuthX(authx, { schema }, { request: {} as never })).toThrow(/request: must be/)
})
