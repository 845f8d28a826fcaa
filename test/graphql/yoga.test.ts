import { request as httpRequest } from 'node:http'
import { describe, expect, test } from 'vitest'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { guarded, serve } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { resolvers, start, summary, TYPES } from '../harness/yoga.ts'

describe.each(['application/json', 'application/graphql-response+json'])(
  'to a client that accepts %s, an answer',
  (accept) => {
    const headers = { accept }

    test('with data is a 200, also where some fields were refused (BRR-09)', async () => {
      await using server = await start()
      const token = await server.authx.createAccessToken({ sub: 'ada' })
      const query = '{ open may mayRead }'
      expect(await summary(await server.send({ query }, { headers, token }))).toMatchInlineSnapshot(`
        {
          "data": {
            "may": "answer",
            "mayRead": null,
            "open": "answer",
          },
          "reasons": [
            "SCOPES_MISSING",
          ],
          "status": 200,
        }
      `)
      expect(await summary(await server.send({ query }, { headers }))).toMatchInlineSnapshot(`
        {
          "data": {
            "may": null,
            "mayRead": null,
            "open": "answer",
          },
          "reasons": [
            "TOKEN_MISSING",
            "TOKEN_MISSING",
          ],
          "status": 200,
        }
      `)
      expect(await summary(await server.send({ query: '{ may }' }, { headers }))).toMatchInlineSnapshot(`
        {
          "data": {
            "may": null,
          },
          "reasons": [
            "TOKEN_MISSING",
          ],
          "status": 200,
        }
      `)
    })

    test('to a caller without a token is a 401 that names the scheme and no error (BRR-04, S01)', async () => {
      await using server = await start()
      expect(await summary(await server.send({ query: '{ secret }' }, { headers }))).toMatchInlineSnapshot(`
        {
          "challenge": "Bearer",
          "data": null,
          "reasons": [
            "TOKEN_MISSING",
          ],
          "status": 401,
        }
      `)
      const basic = { ...headers, authorization: 'Basic YTpi' }
      expect(await summary(await server.send({ query: '{ secret }' }, { headers: basic }))).toMatchObject({
        status: 401,
        challenge: 'Bearer',
      })
      expect(await summary(await server.send({ query: 'mutation { change }' }, { headers }))).toMatchObject({
        status: 401,
        challenge: 'Bearer',
        data: null,
      })
    })

    test('to a token that is malformed, expired or revoked is a 401 in one wording (BRR-05)', async () => {
      await using server = await start({ leeway: 0 })
      const { authx } = server
      const revoked = await authx.createAccessToken({ sub: 'ada' })
      await authx.revoke({ token: revoked })
      const refresh = await authx.createRefreshToken({ sub: 'ada' })
      const expired = await authx.createAccessToken({ sub: 'ada', expiresIn: 1 })
      server.clock.advance(1)
      const bodies: string[] = []
      const found: string[] = []
      for (const [query, token] of [
        ['{ secret }', 'garbage'],
        ['{ secret }', `${revoked.slice(0, -6)}AAAAAA`],
        ['{ secret }', revoked],
        ['{ secret }', expired],
        ['{ secret }', refresh],
        ['{ refresh }', await authx.createAccessToken({ sub: 'ada' })],
        ['{ fresh }', await authx.createAccessToken({ sub: 'ada' })],
      ] as const) {
        const response = await server.send({ query }, { headers, token })
        expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
        expect(response.status).toBe(401)
        const body = (await response.json()) as {
          data: null
          errors: [{ message: string; extensions: { reason: string } }]
        }
        expect(body.data).toBeNull()
        bodies.push(body.errors[0].message)
        found.push(body.errors[0].extensions.reason)
      }
      expect(new Set(bodies)).toEqual(new Set(['Authentication is required.']))
      expect(found).toEqual([
        'TOKEN_MALFORMED',
        'TOKEN_INVALID',
        'TOKEN_REVOKED',
        'TOKEN_EXPIRED',
        'ACCESS_TOKEN_REQUIRED',
        'REFRESH_TOKEN_REQUIRED',
        'FRESH_TOKEN_REQUIRED',
      ])
    })

    test('to a caller who is known but lacks a scope is a 403 that names what is required, never what is held (BRR-06)', async () => {
      await using server = await start()
      const token = await server.authx.createAccessToken({ sub: 'ada', scopes: ['mine-alone'] })
      const response = await server.send({ query: '{ read }' }, { headers, token })
      expect(JSON.stringify([...response.headers])).not.toContain('mine-alone')
      const text = await response.clone().text()
      expect(text).not.toContain('mine-alone')
      expect(JSON.parse(text).errors[0].extensions).toMatchInlineSnapshot(`
        {
          "code": "FORBIDDEN",
          "reason": "SCOPES_MISSING",
          "scopes": [
            [
              "read",
              "list",
            ],
            [
              "admin",
            ],
          ],
        }
      `)
      expect(await summary(response)).toMatchInlineSnapshot(`
        {
          "challenge": "Bearer error="insufficient_scope", scope="read list"",
          "data": null,
          "reasons": [
            "SCOPES_MISSING",
          ],
          "status": 403,
        }
      `)
    })

    test('to two Authorization headers is a 400, however they are sent', async () => {
      await using server = await start()
      const token = await server.authx.createAccessToken({ sub: 'ada' })
      const joined = { ...headers, authorization: `Bearer ${token}, Bearer ${token}` }
      expect(
        await summary(await server.send({ query: '{ secret }' }, { headers: joined })),
      ).toMatchInlineSnapshot(`
        {
          "challenge": "Bearer error="invalid_request"",
          "data": null,
          "reasons": [
            "CREDENTIALS_AMBIGUOUS",
          ],
          "status": 400,
        }
      `)
      const apart = ['accept', accept, 'authorization', `Bearer ${token}`, 'authorization', `Bearer ${token}`]
      expect(await rawPost(server.url, '{ secret }', apart)).toEqual({
        status: 400,
        challenge: 'Bearer error="invalid_request"',
      })
      const reversed = ['accept', accept, 'authorization', 'Basic YTpi', 'authorization', `Bearer ${token}`]
      expect(await rawPost(server.url, '{ secret }', reversed)).toMatchObject({ status: 400 })
    })

    test('while revocation cannot be asked is a 503 that says when to come back', async () => {
      await using server = await start()
      const token = await server.authx.createAccessToken({ sub: 'ada' })
      server.authx.setTokenBlocklistCallback(() => {
        throw new Error(`redis is away, was asked for ${token}`)
      })
      expect(
        await summary(await server.send({ query: '{ secret }' }, { headers, token })),
      ).toMatchInlineSnapshot(`
        {
          "data": null,
          "reasons": [
            "REVOCATION_UNAVAILABLE",
          ],
          "retryAfter": "1",
          "status": 503,
        }
      `)
      expect(server.log.lines.join()).not.toContain(token)
      expect(server.log.lines).toHaveLength(1)
    })

    test('of a resolver that limits is a 429, of one that checks credentials a 401 without an error', async () => {
      await using server = await start()
      expect(await summary(await server.send({ query: '{ limited }' }, { headers }))).toMatchInlineSnapshot(`
        {
          "data": null,
          "reasons": [
            "TOO_MANY_ATTEMPTS",
          ],
          "retryAfter": "30",
          "status": 429,
        }
      `)
      expect(await summary(await server.send({ query: '{ wrong }' }, { headers }))).toMatchInlineSnapshot(`
        {
          "challenge": "Bearer",
          "data": null,
          "reasons": [
            "CREDENTIALS_WRONG",
          ],
          "status": 401,
        }
      `)
    })

    test('with several refusals takes the gravest', async () => {
      await using server = await start()
      const token = await server.authx.createAccessToken({ sub: 'ada' })
      expect(
        await summary(await server.send({ query: '{ mayRead limited }' }, { headers, token })),
      ).toMatchObject({
        status: 403,
        reasons: ['SCOPES_MISSING', 'TOO_MANY_ATTEMPTS'],
      })
      expect(
        await summary(await server.send({ query: '{ mayRead refresh }' }, { headers, token })),
      ).toMatchObject({
        status: 401,
        challenge: 'Bearer error="invalid_token"',
        reasons: ['SCOPES_MISSING', 'REFRESH_TOKEN_REQUIRED'],
      })
    })

    test("with a refusal beside an ordinary error leaves the server's status", async () => {
      await using server = await start()
      const mixed = await summary(await server.send({ query: '{ mayBreak secret }' }, { headers }))
      const plain = await summary(await server.send({ query: '{ broken }' }, { headers }))
      expect(mixed).toEqual({
        status: plain.status,
        data: null,
        reasons: ['INTERNAL_SERVER_ERROR', 'TOKEN_MISSING'],
      })
    })

    test('to a document that is not valid is as the server makes it', async () => {
      await using server = await start()
      const { status, challenge } = await summary(await server.send({ query: '{ nothing }' }, { headers }))
      expect([status, challenge]).toEqual([accept === 'application/json' ? 200 : 400, undefined])
    })

    test('shows nothing of how it was made: no extensions.http, no internals', async () => {
      await using server = await start()
      for (const query of ['{ secret }', '{ limited }', '{ may }', '{ broken }', 'mutation { login }']) {
        const body = await (await server.send({ query }, { headers })).text()
        expect(body).not.toMatch(/"http"|"status"|"headers"|SELECT|originalError|stack/)
      }
    })
  },
)

describe('other answers', () => {
  test('a batch is a 200, its members carry their own refusals and no trace of a status', async () => {
    await using server = await start({}, { batching: true })
    const response = await server.send([{ query: '{ secret }' }, { query: '{ open }' }])
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([200, null])
    expect(await response.json()).toMatchInlineSnapshot(`
      [
        {
          "data": null,
          "errors": [
            {
              "extensions": {
                "code": "UNAUTHENTICATED",
                "reason": "TOKEN_MISSING",
              },
              "locations": [
                {
                  "column": 3,
                  "line": 1,
                },
              ],
              "message": "Authentication is required.",
              "path": [
                "secret",
              ],
            },
          ],
        },
        {
          "data": {
            "open": "answer",
          },
        },
      ]
    `)
  })

  test('a refused subscription is a 401 with a challenge, and the stream never begins', async () => {
    await using server = await start()
    const response = await server.send(
      { query: 'subscription { ticks }' },
      { headers: { accept: 'text/event-stream' } },
    )
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(response.headers.get('cache-control')).toMatch(/\bno-store\b/)
    expect(await response.text()).toContain('TOKEN_MISSING')
  })

  test('what another plugin wants in the headers stays beside the challenge', async () => {
    const mine: ReturnType<typeof useAuthX> = {
      onExecutionResult({ result, setResult }) {
        if (result === undefined || Symbol.asyncIterator in result) return
        setResult({ ...result, extensions: { mine: 1, http: { status: 418, headers: { 'x-mine': 'yes' } } } })
      },
    }
    const instance = openAuthX()
    const schema = guarded(instance.authx, TYPES, resolvers)
    await using server = await serve(instance.authx, schema, { plugins: [mine, useAuthX(instance.authx)] })
    const response = await server.send({ query: '{ secret }' })
    expect([
      response.status,
      response.headers.get('x-mine'),
      response.headers.get('www-authenticate'),
    ]).toEqual([401, 'yes', 'Bearer'])
    expect(await response.json()).toMatchObject({ extensions: { mine: 1 } })
    expect((await server.send({ query: '{ open }' })).status).toBe(418)
  })

  test('GQL-09: whatever fails on the way to a verdict denies', async () => {
    await using server = await start({ callbackTimeout: 1 })
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    const failures = [
      () => Promise.reject(new Error('away')),
      () => {
        throw new Error('away')
      },
      () => new Promise<boolean>(() => {}),
      () => undefined as unknown as boolean,
      () => 'false' as unknown as boolean,
      () => 0 as unknown as boolean,
      async () => null as unknown as boolean,
    ]
    for (const failure of failures) {
      server.authx.setTokenBlocklistCallback(failure)
      expect(await server.query('{ may }', { token })).toEqual({
        data: { may: null },
        refused: ['may: REVOCATION_UNAVAILABLE'],
      })
    }
  })
})

/** A POST whose headers are sent one by one, as they are. */
function rawPost(
  url: string,
  query: string,
  headers: string[],
): Promise<{ status: number | undefined; challenge: unknown }> {
  const { hostname, port, pathname, host } = new URL(url)
  return new Promise((resolve, reject) => {
    const all = ['host', host, 'content-type', 'application/json', 'connection', 'close', ...headers]
    const request = httpRequest(
      { hostname, port, path: pathname, method: 'POST', headers: all },
      (response) => {
        response.resume()
        resolve({ status: response.statusCode, challenge: response.headers['www-authenticate'] })
      },
    )
    request.on('error', reject)
    request.end(JSON.stringify({ query }))
  })
}
