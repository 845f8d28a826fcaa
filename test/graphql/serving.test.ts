import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { type ExecutionResult, parse } from 'graphql'
import { describe, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import type { AuthX, AuthXOptions } from '../../src/index.ts'
import { contextFor, fieldAt, guarded, type Resolvers, read } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { answer as answerAs, welcome } from '../harness/own-server.ts'
import { openSocket } from '../harness/socket.ts'

const TYPES = `
  type Query { open: String secret: String! @auth both: Pair @auth }
  type Pair { one: Int @auth(scopes: ["one"]) }
  type Mutation { login: String open: String }
  type Subscription { ticks: Int @auth }
`

const ran: string[] = []

const resolvers: Resolvers = {
  Subscription: {
    ticks: {
      async *subscribe() {
        try {
          for (let tick = 1; ; tick++) {
            yield { ticks: tick }
            await setTimeout(5)
          }
        } finally {
          ran.push('returned')
        }
      },
    },
  },
  Query: { open: () => ran.push('open'), secret: () => 'secret', both: () => ran.push('both') && {} },
  Mutation: {
    login: async (_, __, { tokenCookies, authx }) => {
      tokenCookies.set(await authx.createTokenPair({ sub: 'ada' }))
    },
  },
}

interface Sent {
  readonly query: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A server of somebody's own, as docs/servers.md has it. */
async function answer(authx: AuthX, { query, method = 'POST', headers = {} }: Sent) {
  const values: Record<string, string> = { 'content-type': 'application/json', ...headers }
  const headerValues = (name: string) => (values[name] === undefined ? [] : [values[name]])
  const schema = guarded(authx, TYPES, resolvers)
  const { status, result, ...answered } = await answerAs(
    authx,
    schema,
    { method, headerValues },
    { query },
    { authx },
  )
  if (result === undefined || Symbol.asyncIterator in result) return { status }
  const { cookies = [], ...rest } = answered
  return { status, ...rest, cookies: cookies.map((line) => line.split('=')[0]), ...read(result) }
}

async function ask(query: string, options: AuthXOptions = {}, token?: { readonly scopes?: string[] }) {
  const { authx } = openAuthX(options)
  ran.length = 0
  if (token === undefined) return answer(authx, { query })
  const text = await authx.createAccessToken({ sub: 'ada', ...token })
  return answer(authx, { query, headers: { authorization: `Bearer ${text}` } })
}

describe('what lives long', () => {
  async function refusal(options: AuthXOptions, headers: (authx: AuthX) => Promise<Record<string, string>>) {
    const { authx } = openAuthX(options)
    const given = await headers(authx)
    return (await authx.serving.socketOf({}, { connectionParams: given }).judge())?.reason
  }
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  const revoked = async (authx: AuthX) => {
    const token = await authx.createAccessToken({ sub: 'ada' })
    await authx.revoke({ token })
    return token
  }

  test('may begin with a good token, or with none', async () => {
    expect(await refusal({}, async () => ({}))).toBe(undefined)
    expect(await refusal({}, async (authx) => bearer(await authx.createAccessToken({ sub: 'ada' })))).toBe(
      undefined,
    )
  })

  test('may not begin with a bad token, unless nothing is refused at all', async () => {
    expect(await refusal({}, async (authx) => bearer(await revoked(authx)))).toBe('TOKEN_REVOKED')
    expect(await refusal({}, async (authx) => bearer(await authx.createRefreshToken({ sub: 'ada' })))).toBe(
      'ACCESS_TOKEN_REQUIRED',
    )
    expect(await refusal({ enforcement: 'report' }, async (authx) => bearer(await revoked(authx)))).toBe(
      undefined,
    )
  })
})

/** Whoever is there says `{ type: 'connection_init', payload }`, then `{ id, payload }` for each operation. */
async function listen(options: AuthXOptions = {}) {
  const { authx } = openAuthX(options)
  const schema = guarded(authx, TYPES, resolvers)
  const http = createServer()
  const sockets = new WebSocketServer({ server: http })
  sockets.on('connection', (wire, request) => {
    let operate: ReturnType<typeof welcome> | undefined
    wire.on('message', async (text) => {
      const { type, id, payload } = JSON.parse(String(text))
      if (type === 'connection_init') {
        operate = welcome(authx, schema, wire, { request, connectionParams: payload })
        if ((await operate) !== undefined) wire.send('{"type":"connection_ack"}')
      } else
        await (await operate)?.(id, payload, (result) => wire.send(JSON.stringify({ id, payload: result })))
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    authx,
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      for (const wire of sockets.clients) wire.terminate()
      await new Promise((resolve) => http.close(resolve))
      await authx.close()
    },
  }
}

describe('a server of your own', () => {
  test('is in the docs as it is tested here', () => {
    const [, fence] = readFileSync('docs/servers.md', 'utf8').split('// own-server.ts\n')
    const own = readFileSync('test/harness/own-server.ts', 'utf8')
    expect(fence?.split('```')[0]).toBe(own.replace('../../src/index.ts', 'graphql-authx'))
  })

  test('ends a stream with its token', async () => {
    const { authx } = openAuthX()
    ran.length = 0
    const token = await authx.createAccessToken({ sub: 'ada' })
    const headerValues = (name: string) => (name === 'authorization' ? [`Bearer ${token}`] : [])
    const query = 'subscription { ticks }'
    const { result } = await answerAs(authx, guarded(authx, TYPES, resolvers), { headerValues }, { query })
    const stream = result as AsyncGenerator<ExecutionResult>
    expect(read((await stream.next()).value)).toEqual({ data: { ticks: 1 }, refused: [] })
    await authx.revoke({ token })
    expect(read((await stream.next()).value).refused).toEqual(['TOKEN_REVOKED'])
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await vi.waitFor(() => expect(ran).toEqual(['returned']))
  })

  test('closes a WebSocket whose token is not good, and one whose token has ended, when it has said so', async () => {
    await using server = await listen()
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    const params = { authorization: `Bearer ${token}` }
    await using socket = await openSocket(server.url)
    await socket.init(params)
    socket.subscribe('1', 'subscription { ticks }')
    expect(await socket.next()).toEqual({ id: '1', payload: { data: { ticks: 1 } } })
    await server.authx.revoke({ token })
    const { messages, code } = await socket.rest()
    expect(code).toBe(4403)
    expect(read(messages.at(-1).payload).refused).toEqual(['TOKEN_REVOKED'])
    const late = await openSocket(server.url)
    late.send({ type: 'connection_init', payload: params })
    expect(await late.rest()).toEqual({ messages: [], code: 4403, reason: 'Forbidden: TOKEN_REVOKED' })
  })

  test('lets go of what runs over a WebSocket when its client leaves', async () => {
    await using server = await listen()
    ran.length = 0
    const socket = await openSocket(server.url)
    await socket.init({ authorization: `Bearer ${await server.authx.createAccessToken({ sub: 'ada' })}` })
    socket.subscribe('1', 'subscription { ticks }')
    await socket.next()
    await socket[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(ran).toEqual(['returned']))
  })
})

describe('an adapter made of authx.serving', () => {
  test('answers a refusal with its status and challenge, and keeps it out of caches', async () => {
    expect(await ask('{ secret }')).toEqual({
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer' },
      cookies: [],
      isPrivate: true,
      data: null,
      refused: ['secret: TOKEN_MISSING'],
    })
  })

  test.each([
    ['{ open }', false],
    ['{ secret }', true],
    ['mutation { open }', true],
  ])('says of %s whether its answer is for the caller alone: %s', async (query, isPrivate) => {
    expect(await ask(query, {}, {})).toMatchObject({ status: 200, isPrivate, refused: [] })
  })

  test('sends the cookies that a resolver set', async () => {
    const options = { locations: { access: ['cookies'] } } as const
    expect(await ask('mutation { login }', options)).toMatchObject({
      status: 200,
      cookies: ['__Host-access_token', '__Host-csrf_token'],
      isPrivate: true,
    })
  })

  test('turns away what any page can send, where tokens travel in cookies', async () => {
    const form = { query: '{ open }', headers: { 'content-type': 'text/plain' } }
    expect(await answer(openAuthX({ locations: { access: ['cookies'] } }).authx, form)).toEqual({
      status: 415,
    })
    expect(await answer(openAuthX().authx, form)).toMatchObject({ status: 200 })
  })

  test('answers in place of an operation that is refused as a whole, and runs nothing of it', async () => {
    const refused = await ask('{ open both { one } }', { enforcement: 'operation' }, { scopes: ['other'] })
    expect(refused).toMatchObject({ status: 403, refused: ['SCOPES_MISSING'] })
    expect(ran).toEqual([])
    expect(await ask('{ both { one } }', { enforcement: 'operation' }, { scopes: ['one'] })).toMatchObject({
      status: 200,
      refused: [],
    })
  })

  test('shows each caller a schema of their own, also in what it says of a document that is not valid', async () => {
    const query = '{ __type(name: "Pair") { name } }'
    const options = { introspection: 'caller' } as const
    expect(await ask(query, options)).toMatchObject({ data: { __type: null } })
    expect(await ask(query, options, { scopes: ['one'] })).toMatchObject({
      data: { __type: { name: 'Pair' } },
    })
    expect(await ask('{ secre }')).toMatchObject({ refused: [expect.stringContaining('Did you mean')] })
    expect(await ask('{ secre }', options)).toMatchObject({
      refused: [expect.not.stringContaining('Did you')],
    })
  })

  test('asks the rules of a schema whose resolvers a server wrapped when it had looked at it', async () => {
    for (const options of [{ enforcement: 'operation' }, { introspection: 'caller' }] as const) {
      const { authx } = openAuthX(options)
      const schema = guarded(authx, TYPES, resolvers)
      authx.serving.beginServing(schema)
      for (const name of ['secret', 'both', 'open']) {
        const field = fieldAt(schema, `Query.${name}`)
        const { resolve } = field
        field.resolve = (...args) => resolve?.(...args)
      }
      authx.serving.beginServing(schema)
      const context = contextFor(authx, undefined)
      const admit = (query: string) =>
        authx.serving.admit({ schema, document: parse(query), contextValue: context })
      const [refused, seen] = [
        await admit('{ open secret }'),
        await admit('{ __type(name: "Pair") { name } }'),
      ]
      if (options.enforcement)
        expect(read((refused ?? {}) as ExecutionResult).refused).toEqual(['TOKEN_MISSING'])
      else expect(Object.keys(seen ?? {})).toEqual(['schema'])
      if (seen !== undefined && 'schema' in seen) expect(seen.schema.getType('Pair')).toBeUndefined()
    }
  })

  test('takes the status out of an error that is no refusal, where its server would not', async () => {
    const { authx } = openAuthX({ introspection: 'caller' })
    const schema = guarded(authx, TYPES, resolvers)
    const document = parse('{ open __schema { description } }')
    const admission = await authx.serving.admit({
      schema,
      document,
      contextValue: contextFor(authx, undefined),
    })
    const errors = admission !== undefined && 'errors' in admission ? admission.errors : []
    const instead = authx.serving.answerInstead(errors)
    expect(instead.outcome).toEqual({ status: 400, headers: {} })
    expect(instead.errors.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_REQUEST' }])
  })
})
