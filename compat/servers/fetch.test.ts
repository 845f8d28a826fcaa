import { createHandler } from 'graphql-http/lib/use/fetch'
import { createHandler as createEvents } from 'graphql-sse/lib/use/fetch'
import { createYoga } from 'graphql-yoga'
import { describe, expect, test } from 'vitest'
import { authxOptions } from '../../src/graphql/adapters/graphql-http.ts'
import { withAuthX } from '../../src/graphql/adapters/graphql-sse.ts'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { guarded } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'

const { authx } = openAuthX()
const schema = guarded(authx, 'type Query { secret: String! @auth }', {
  Query: { secret: (_, __, { auth }) => auth.claims.sub },
})

const HANDLERS: Record<string, (request: Request) => Promise<Response> | Response> = {
  Yoga: createYoga({ schema, plugins: [useAuthX(authx)], logging: false }).fetch,
  'graphql-http': createHandler(authxOptions(authx, { schema })),
  'graphql-sse': createEvents(withAuthX(authx, { schema })),
}

/** No server of Node's is behind: a Request goes in, a Response comes out. */
describe.each(Object.keys(HANDLERS))('%s as a function of the Fetch API', (name) => {
  const ask = async (token?: string) => {
    const headers = {
      'content-type': 'application/json',
      accept: name === 'graphql-sse' ? 'text/event-stream' : 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    const body = JSON.stringify({ query: '{ secret }' })
    const request = new Request('http://localhost/graphql', { method: 'POST', headers, body })
    const response = await HANDLERS[name]?.(request)
    return { status: response?.status, text: await response?.text() }
  }

  test('lets in who logged in, and nobody else', async () => {
    const refused = name === 'graphql-sse' ? 200 : 401
    const nobody = await ask()
    expect([nobody.status, nobody.text?.includes('TOKEN_MISSING')]).toEqual([refused, true])
    const token = await authx.createAccessToken({ sub: 'ada' })
    const ada = await ask(token)
    expect([ada.status, ada.text?.includes('"secret":"ada"')]).toEqual([200, true])
    await authx.revoke({ token })
    const revoked = await ask(token)
    expect([revoked.status, revoked.text?.includes('TOKEN_REVOKED')]).toEqual([refused, true])
  })
})
