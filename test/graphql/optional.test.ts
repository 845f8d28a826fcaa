import { describe, expect, test } from 'vitest'
import { EXECUTORS, guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const TYPES = `
  type Query {
    who: String @auth(optional: true)
    fresh: String @auth(optional: true, fresh: true)
    read: String @auth(optional: true, scopes: [["read"]])
    refresh: String @auth(type: REFRESH, optional: true)
    both: Both
    loose: Loose
    subject: String @auth(optional: true)
  }
  type Mutation { leave: Boolean @auth(optional: true) }
  type Both @auth { who: String @auth(optional: true) }
  type Loose @auth(optional: true) { who: String strict: String @auth }
`
// biome-ignore lint/suspicious/noExplicitAny: a test's resolvers take whatever the schema says
const who = (_source: unknown, _args: unknown, { auth }: any): string => auth.claims?.sub ?? 'nobody'
const resolvers = {
  Query: {
    who,
    fresh: who,
    read: who,
    // biome-ignore lint/suspicious/noExplicitAny: as above
    refresh: (_source: unknown, _args: unknown, { refreshAuth }: any) => refreshAuth.claims?.sub ?? 'nobody',
    both: () => ({}),
    loose: () => ({}),
    // biome-ignore lint/suspicious/noExplicitAny: as above
    subject: async (_source: unknown, _args: unknown, { auth }: any) =>
      (await auth.subject())?.name ?? 'nobody',
  },
  Mutation: {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    leave: async (_source: unknown, _args: unknown, { auth }: any) => {
      await auth.logout()
      return true
    },
  },
  Both: { who },
  Loose: { who, strict: who },
}

describe.each(EXECUTORS)('@auth(optional: true), by $executor', ({ open }) => {
  async function reach() {
    const { authx } = openAuthX({ subject: (sub) => ({ name: sub }) })
    return Object.assign(await open(authx, guarded(authx, TYPES, resolvers)), { authx })
  }

  test('S22: lets a caller without a token in, as nobody', async () => {
    await using api = await reach()
    expect(await api.query('{ who fresh read refresh subject }')).toEqual({
      data: { who: 'nobody', fresh: 'nobody', read: 'nobody', refresh: 'nobody', subject: 'nobody' },
      refused: [],
    })
  })

  test('S23: gives the claims of a token that is good', async () => {
    await using api = await reach()
    const token = await api.authx.createAccessToken({ sub: 'ada', fresh: true, scopes: ['read'] })
    expect((await api.query('{ who fresh read subject }', { token })).data).toEqual({
      who: 'ada',
      fresh: 'ada',
      read: 'ada',
      subject: 'ada',
    })
  })

  test('S25, S26, BRR-08: refuses one that is not: revoked, garbage, of the other type, without what is asked for', async () => {
    await using api = await reach()
    const token = await api.authx.createAccessToken({ sub: 'ada' })
    const refreshToken = await api.authx.createRefreshToken({ sub: 'ada' })
    expect((await api.query('{ who }', { token: 'garbage' })).refused).toEqual(['who: TOKEN_MALFORMED'])
    expect((await api.query('{ who }', { token: refreshToken })).refused).toEqual([
      'who: ACCESS_TOKEN_REQUIRED',
    ])
    expect((await api.query('{ fresh read }', { token })).refused).toEqual([
      'fresh: FRESH_TOKEN_REQUIRED',
      'read: SCOPES_MISSING',
    ])
    await api.authx.revoke({ token })
    expect((await api.query('{ who }', { token })).refused).toEqual(['who: TOKEN_REVOKED'])
  })

  test('is required where any rule above requires it', async () => {
    await using api = await reach()
    expect((await api.query('{ both { who } loose { who strict } }')).refused).toEqual([
      'both.who: TOKEN_MISSING',
      'loose.strict: TOKEN_MISSING',
    ])
    expect((await api.query('{ loose { who } }')).data).toEqual({ loose: { who: 'nobody' } })
  })

  test('nobody cannot log out', async () => {
    await using api = await reach()
    expect((await api.query('mutation { leave }')).refused).toEqual(['leave: TOKEN_MISSING'])
  })
})
