import { createAuthX } from '../../src/index.ts'
import { memory } from '../../src/stores/memory.ts'
import { type AuthAuditOptions, testClock } from '../../src/testing/index.ts'
import { openJar } from '../../test/harness/cookies.ts'
import { guarded } from '../../test/harness/graphql.ts'
import { SECRET } from '../../test/harness/keys.ts'
import { exchange } from './exchange.ts'
import type { Serve, Served } from './serve.ts'

const TYPES = `
  type Query { open: String secret: String! @auth may: String @auth reading: String! @auth(scopes: [["read"]]) }
  type Mutation { login: [String!]! enter: Boolean logout: Boolean! @auth change: String! @auth }
  type Subscription { ticks: Int! @auth }
`

/** A server under audit. */
export interface Audited extends Served {
  readonly options: AuthAuditOptions
}

/** Starts a server with logins, and says of it all that the audits can be told. */
export async function audited(
  serve: Serve,
  more: (url: string) => Partial<AuthAuditOptions>,
): Promise<Audited> {
  const now = Date.now()
  const clock = testClock(now)
  const authx = createAuthX({
    secret: SECRET,
    clock,
    sessions: memory({ clock }),
    locations: { access: ['headers', 'cookies'], refresh: ['headers', 'cookies'] },
  })
  const begin = () => authx.sessions.login({ sub: 'ada' })
  const schema = guarded(authx, TYPES, {
    Query: { open: () => 'open', secret: () => 'secret', may: () => 'may', reading: () => 'read' },
    Mutation: {
      login: async () => {
        const { accessToken, refreshToken } = await begin()
        return [accessToken, refreshToken]
      },
      enter: async (_source, _args, { tokenCookies }) => {
        tokenCookies.set(await begin())
        return true
      },
      logout: (_source, _args, { auth }) => auth.logout().then(() => true),
      change: () => 'changed',
    },
    Subscription: { ticks: { subscribe: ticks } },
  })
  const { url, close } = await serve({ authx, schema })
  const send = (query: string, token?: string) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const headers = { 'content-type': 'application/json', ...authorization }
    return exchange(url, { method: 'POST', body: { query }, headers })
  }
  const login = async (): Promise<[string, string]> =>
    JSON.parse((await send('mutation { login }')).text).data.login
  const options: AuthAuditOptions = {
    url,
    query: '{ secret }',
    login: async () => (await login())[0],
    logout: (token) => send('mutation { logout }', token),
    async expired() {
      clock.set(now - 3_600_000)
      const token = await authx.createAccessToken({ sub: 'ada' })
      clock.set(now)
      return token
    },
    wrongType: async () => (await login())[1],
    forbidden: '{ reading }',
    partial: '{ open may }',
    mutation: 'mutation { change }',
    async cookieLogin() {
      const jar = openJar()
      const lines = [(await send('mutation { enter }')).headers['set-cookie'] ?? []].flat()
      jar.take(new Response(null, { headers: lines.map((line): [string, string] => ['set-cookie', line]) }))
      const { cookie = '', ...headers } = jar.headers()
      return { cookie, headers }
    },
    within: 1000,
    ...more(url),
  }
  return { options, url, close: () => Promise.all([close(), authx.close()]) }
}

/** One event, and no more until it is stopped. */
async function* ticks(): AsyncGenerator<{ ticks: number }> {
  yield { ticks: 1 }
  await new Promise(() => {})
}
