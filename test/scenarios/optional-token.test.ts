import { describe, expect, test } from 'vitest'
import { type Answer, guarded, type Server, serve } from '../harness/graphql.ts'
import { type Instance, openAuthX } from '../harness/instance.ts'

const TYPES = `
  type Query { found(refresh: Boolean): String @optionalToken  secret: String! @auth }
`
/** What a resolver can tell of a token that nothing vouches for. */
const resolvers = {
  Query: {
    found: (_: unknown, { refresh }: { refresh?: boolean }, context: never) => {
      const { requestToken } = context as {
        requestToken(type?: string): { token: string; type: string; location: string } | null
      }
      const found = requestToken(refresh === true ? 'refresh' : 'access')
      return found && `${found.type} in ${found.location}: ${found.token}`
    },
    secret: () => 'answer',
  },
}

async function open(): Promise<Server & Instance> {
  const instance = openAuthX({ leeway: 0 })
  return Object.assign(await serve(instance.authx, guarded(instance.authx, TYPES, resolvers)), instance)
}

describe('@optionalToken', () => {
  test('S22: without a token gives null, and the field resolves', async () => {
    await using server = await open()
    expect(await server.query('{ found }')).toEqual({ data: { found: null }, refused: [] })
  })

  test('S23: gives a token with its place and the type that the field asks for', async () => {
    await using server = await open()
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    expect(await server.query('{ found  other: found(refresh: true) }', { token })).toEqual({
      data: { found: `access in headers: ${token}`, other: `refresh in headers: ${token}` },
      refused: [],
    })
  })

  test.each<[title: string, make: (server: Instance) => Promise<string>]>([
    ['S25: a revoked token', async ({ authx }) => revokedBy(authx)],
    ['S26: an expired token', async (server) => expiredBy(server)],
    ['S26: garbage', async () => 'garbage'],
    ['S26: a refresh token', ({ authx }) => authx.createRefreshToken({ sub: 'ada' })],
  ])('%s is handed over, while the guarded field beside it is refused', async (_, make) => {
    await using server = await open()
    const token = await make(server)
    const given: Answer = await server.query('{ found }', { token })
    expect(given).toEqual({ data: { found: `access in headers: ${token}` }, refused: [] })
    const { data, refused } = await server.query('{ found secret }', { token })
    expect([data, refused]).toEqual([null, [expect.stringMatching(/^secret: (TOKEN|ACCESS)_/)]])
  })
})

async function revokedBy(authx: Instance['authx']): Promise<string> {
  const token = await authx.createAccessToken({ sub: 'ada' })
  await authx.revoke({ token })
  return token
}

async function expiredBy({ authx, clock }: Instance): Promise<string> {
  const token = await authx.createAccessToken({ sub: 'ada', expiresIn: 1 })
  clock.advance(2)
  return token
}
