import { type ExecutionResult, execute, parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { AuthX, AuthXOptions } from '../../src/index.ts'
import { contextFor, fieldAt, guarded, type Resolvers, read } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const TYPES = `
  type Query { open: String secret: String! @auth both: Pair @auth }
  type Pair { one: Int @auth(scopes: ["one"]) }
  type Mutation { login: String open: String }
`

const ran: string[] = []

const resolvers: Resolvers = {
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

/** An adapter as somebody writes it for a server of their own, out of `authx.serving` and graphql alone. */
async function answer(authx: AuthX, { query, method = 'POST', headers = {} }: Sent) {
  const { serving } = authx
  const schema = guarded(authx, TYPES, resolvers)
  serving.assertProtected(schema)
  const values: Record<string, string> = { 'content-type': 'application/json', ...headers }
  const request = serving.open({
    method,
    headerValues: (name) => (values[name] === undefined ? [] : [values[name]]),
  })
  const away = request.turnAway([])
  if (away !== undefined) return { status: away.status }
  const document = parse(query)
  const faults = validate(schema, document)
  const contextValue: object = { authx }
  Object.assign(contextValue, request.contextMembers(contextValue))
  const execution = { schema, document, contextValue }
  const admission =
    faults.length > 0 ? { errors: serving.withoutHints(faults) } : await serving.admit(execution)
  const result =
    admission !== undefined && 'errors' in admission
      ? { errors: admission.errors }
      : await execute({ ...execution, ...admission })
  const { status = 200, headers: more = {} } = serving.outcomeOf(result) ?? {}
  const { cookies, isPrivate } = await request.finish()
  return {
    status,
    headers: more,
    cookies: cookies.map((line) => line.split('=')[0]),
    isPrivate,
    ...read(result),
  }
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
    return (await authx.serving.socketOf({}, given).admit())?.reason
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
      authx.serving.assertProtected(schema)
      for (const name of ['secret', 'both', 'open']) {
        const field = fieldAt(schema, `Query.${name}`)
        const { resolve } = field
        field.resolve = (...args) => resolve?.(...args)
      }
      authx.serving.assertProtected(schema)
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
