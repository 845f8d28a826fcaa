import jwt from 'jsonwebtoken'
import { describe, expect, test } from 'vitest'
import {
  type AuthAuditOptions,
  authAudits,
  type CookieLogin,
  runAuthAudits,
} from '../../src/testing/index.ts'
import type { Fault } from '../harness/handmade-faults.ts'
import { type HandmadeServer, startHandmade } from '../harness/handmade-server.ts'

interface Told {
  readonly faults?: readonly Fault[]
  /** Of the audits that are run. */
  readonly ids: readonly string[]
  readonly options: (server: HandmadeServer) => Partial<AuthAuditOptions>
}

/** What the audits of these ids say of a server made by hand, by id. */
async function audited({ faults = [], ids, options }: Told): Promise<Record<string, string>> {
  await using server = await startHandmade(faults)
  const told: AuthAuditOptions = {
    url: server.url,
    query: '{ secret }',
    login: async () => server.login().accessToken,
    logout: (token) => send(server, 'mutation { logout }', token),
    within: 120,
    ...options(server),
  }
  const audits = authAudits(told).filter(({ id }) => ids.includes(id))
  const results = await runAuthAudits(audits)
  return Object.fromEntries(results.map(({ id, status, reason }) => [id, `${status}: ${reason}`]))
}

function send({ url }: HandmadeServer, query: string, token: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
}

/** Signed by nobody that the server knows. */
function foreign(claims: object): string {
  return jwt.sign(claims, 'a secret of somebody else, long enough for it')
}

describe('a document that the server does not know is refused to everybody, and no audit calls that a refusal:', () => {
  test('of who has no right', async () => {
    const ids = ['forbidden', 'status-forbidden']
    const found = await audited({ ids, options: () => ({ forbidden: '{ raeding }' }) })
    expect(found.forbidden).toMatch(
      /^error: could not be tried: forbidden: was answered with 401: Cannot query field/,
    )
    expect(found['status-forbidden']).toMatch(/^error: could not be tried: forbidden: /)
  })

  test('of a mutation, where any would have been run', async () => {
    const ids = ['revoked-mutation', 'mutation-without-token', 'mutation-by-get', 'form', 'cookie-form']
    const found = await audited({
      faults: ['mutations-unguarded', 'mutations-by-get', 'forms', 'cookie-forms'],
      ids,
      options: (server) => ({
        mutation: 'mutation { chnge }',
        cookieLogin: async () => ({
          cookie: `session=${server.login().accessToken}`,
          headers: { 'x-csrf': '1' },
        }),
      }),
    })
    expect(Object.keys(found).sort()).toEqual(ids.sort())
    for (const [id, reason] of Object.entries(found)) {
      const option = id === 'cookie-form' ? 'cookieLogin' : 'mutation'
      expect(reason).toMatch(
        new RegExp(`^error: could not be tried: ${option}: was answered with 401: Cannot query`),
      )
    }
  })

  test('beside what is open', async () => {
    const found = await audited({ ids: ['status-partial'], options: () => ({ partial: '{ open my }' }) })
    expect(found['status-partial']).toMatch(
      /^error: could not be tried: partial: was answered with 401: Cannot query/,
    )
  })

  test('of a query', async () => {
    const found = await audited({ ids: ['missing-token'], options: () => ({ query: '{ secrets }' }) })
    expect(found['missing-token']).toMatch(
      /^error: could not be tried: query: was answered with 401: Cannot query/,
    )
  })
})

/** Tokens that are refused whatever the server does, and why. */
const USELESS: readonly {
  readonly of: string
  readonly option: 'expired' | 'wrongType'
  readonly token: () => string
  readonly reason: string
}[] = [
  {
    of: 'one that never was good',
    option: 'expired',
    token: () => 'garbage',
    reason: 'is no signed JWT, as the tokens of logins are',
  },
  {
    of: 'one whose time has not come',
    option: 'expired',
    token: () => foreign({ exp: 9_999_999_999 }),
    reason: 'its exp has not passed',
  },
  {
    of: 'one without a time',
    option: 'expired',
    token: () => foreign({ sub: 'ada' }),
    reason: 'has no exp',
  },
  {
    of: 'a text that is empty',
    option: 'expired',
    token: () => '',
    reason: 'must be a text that is not empty (is the environment variable set?)',
  },
  {
    of: 'one of another type that has expired',
    option: 'wrongType',
    token: () => foreign({ exp: 1 }),
    reason: 'has expired, so its type tells nothing',
  },
]

describe('a token that tells nothing by being refused is not tried:', () => {
  test.each(USELESS)('$of', async ({ option, token, reason }) => {
    const ids = [option === 'expired' ? 'expired-token' : 'wrong-type']
    const found = await audited({ ids, options: () => ({ [option]: token }) })
    expect(Object.values(found)).toEqual([`error: could not be tried: ${option}: ${reason}`])
  })

  test('nor is it said that one without claims ever was good', async () => {
    const ids = ['wrong-type']
    const found = await audited({ ids, options: () => ({ wrongType: 'opaque' }) })
    expect(found).toEqual({
      'wrong-type': 'ok: 1 refused; it is no JWT, so nobody can tell whether it is good for anything',
    })
  })
})

describe('where the query needs no login', () => {
  test('one audit says so, and what depends on it is skipped', async () => {
    const ids = [
      'missing-token',
      'bad-header-first',
      'two-headers',
      'token-in-url',
      'revoked-at-once',
      'ways-to-ask',
    ]
    const { 'missing-token': missing, ...others } = await audited({
      ids,
      options: () => ({ query: '{ open }' }),
    })
    expect(missing).toBe('error: answered without a token; is query a query that needs a login?')
    expect(Object.keys(others)).toHaveLength(ids.length - 1)
    expect(new Set(Object.values(others))).toEqual(new Set(['skip: the query is answered without a token']))
  })
})

describe('where logins have the same token', () => {
  const ids = ['token-per-login', 'revoked-at-once', 'revoked-mutation', 'revoked-alone']
  const mutation = 'mutation { change }'

  test('for a second, the next second is waited for', async () => {
    const found = await audited({ faults: ['same-token'], ids, options: () => ({ mutation }) })
    expect(found).toMatchObject({
      'token-per-login': expect.stringMatching(/^warn: logins of one second have the same token/),
      'revoked-at-once': 'ok: refused in the next request',
      'revoked-mutation': 'ok: refused',
      'revoked-alone': 'ok: another login goes on',
    })
  })

  test('for ever, no audit ends it', async () => {
    const found = await audited({
      ids: [...ids, 'good-token'],
      options(server): Partial<AuthAuditOptions> {
        const { accessToken } = server.login()
        return { mutation, login: async () => accessToken }
      },
    })
    expect(found).toMatchObject({
      'good-token': 'ok: a token of a new login opens the query',
      'revoked-at-once': 'skip: every login has the same token',
      'revoked-alone': 'skip: every login has the same token',
    })
  })
})

describe('where tokens travel in cookies alone', () => {
  test('what a cookie can ask for is tried, and what needs the header Authorization is not', async () => {
    await using server = await startHandmade()
    const cookieLogin = async (): Promise<CookieLogin> => ({
      cookie: `session=${server.login().accessToken}`,
      headers: { 'x-csrf': '1' },
    })
    const { url } = server
    const options = {
      url,
      query: '{ secret }',
      mutation: 'mutation { change }',
      cookieLogin,
    }
    const results = await runAuthAudits(authAudits({ ...options, forbidden: '{ reading }' }))
    expect(results.filter(({ status }) => status === 'error' || status === 'warn')).toEqual([])
    expect(results.filter(({ status }) => status === 'ok').map(({ id }) => id)).toMatchInlineSnapshot(`
      [
        "missing-token",
        "query-by-get",
        "batch",
        "mutation-without-token",
        "cookie-form",
        "cookie-get",
        "cookie-alone",
        "ways-to-ask",
        "alias-storm",
        "alias-storm-size",
        "deferred",
        "status-missing",
        "challenge-missing",
        "forbidden",
        "status-forbidden",
        "not-cached",
      ]
    `)
    const reasons = results.filter(({ status }) => status === 'skip').map(({ reason }) => reason)
    expect(reasons.filter((reason) => !/^not given: /.test(reason))).toEqual([])
  })
})
