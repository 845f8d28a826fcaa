import { GraphQLError } from 'graphql'
import { createYoga, maskError } from 'graphql-yoga'
import { expect, test } from 'vitest'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import type { RefusalReason } from '../../src/index.ts'
import { encode, forge } from '../harness/forge.ts'
import { guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { resolvers, start, summary, TYPES } from '../harness/yoga.ts'

const good = forge()
const [header = '', payload = '', signature = ''] = good.split('.')

test.each<[title: string, token: string, reason: RefusalReason]>([
  ['S75: a token by the alg none', forge({ header: { alg: 'none' } }), 'TOKEN_INVALID'],
  ['S75: a token whose claims were changed', tampered(), 'TOKEN_INVALID'],
  ['S75: a token without its signature', `${header}.${payload}.`, 'TOKEN_MALFORMED'],
  ['S75: an empty token', '', 'TOKEN_MALFORMED'],
  ['S75: a text that is no JWT', 'not-a-jwt', 'TOKEN_MALFORMED'],
])('%s is a 401 with a challenge', async (_, token, reason) => {
  await using server = await start()
  const ask = async (text: string) =>
    summary(await server.send({ query: '{ secret }' }, { headers: { authorization: `Bearer ${text}` } }))
  expect((await ask(good)).status).toBe(200)
  expect(await ask(token)).toEqual({
    status: 401,
    challenge: 'Bearer error="invalid_token"',
    data: null,
    reasons: [reason],
  })
})

function tampered(): string {
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return `${header}.${encode({ ...claims, sub: 'root' })}.${signature}`
}

test("S102: an app's words stand in place of ours, and status, challenge, code and reason stay", async () => {
  const { authx } = openAuthX()
  const words: Partial<Record<RefusalReason, string>> = {
    TOKEN_MISSING: 'Bitte anmelden.',
    TOKEN_MALFORMED: 'Bitte neu anmelden.',
  }
  const yoga = createYoga({
    schema: guarded(authx, TYPES, resolvers),
    plugins: [useAuthX(authx)],
    logging: false,
    maskedErrors: {
      maskError(error, message, isDev) {
        const masked = maskError(error, message, isDev)
        if (!(masked instanceof GraphQLError)) return masked
        const { nodes = null, path = null, extensions } = masked
        const said = words[extensions.reason as RefusalReason]
        return said === undefined ? masked : new GraphQLError(said, { nodes, path, extensions })
      },
    },
  })
  const ask = async (query: string, token?: string) => {
    const headers = {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    const body = JSON.stringify({ query })
    const response = await yoga.fetch('http://app/graphql', { method: 'POST', headers, body })
    const { errors } = (await response.json()) as { errors: [Record<string, unknown>] }
    return [response.status, response.headers.get('www-authenticate'), errors[0]]
  }
  expect(await ask('{ secret }')).toEqual([
    401,
    'Bearer',
    {
      message: 'Bitte anmelden.',
      locations: [{ line: 1, column: 3 }],
      path: ['secret'],
      extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' },
    },
  ])
  expect(await ask('{ secret }', 'garbage')).toMatchObject([
    401,
    'Bearer error="invalid_token"',
    { message: 'Bitte neu anmelden.', extensions: { reason: 'TOKEN_MALFORMED' } },
  ])
  expect(await ask('{ read }', await authx.createAccessToken({ sub: 'ada' }))).toMatchObject([
    403,
    expect.stringContaining('insufficient_scope'),
    { message: 'This is not allowed.', extensions: { reason: 'SCOPES_MISSING' } },
  ])
  expect(await ask('{ broken }')).toMatchObject([200, null, { message: 'Unexpected error.' }])
})
