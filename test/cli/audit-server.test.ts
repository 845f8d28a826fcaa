import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startHandmade } from '../harness/handmade-server.ts'
import { bareEnvironment, startServerProcess } from '../harness/server.ts'

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the command beside servers of this process. */
function auditServer(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const command = [resolve('bin/graphql-authx.js'), 'audit-server', ...args]
  return new Promise((done) => {
    execFile(process.execPath, command, { env: bareEnvironment(env) }, (error, out, err) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
  })
}

const HANDMADE = ['--query', '{ secret }', '--login', 'mutation { login }', '--token-path', 'data.login.0']

describe('audit-server', () => {
  test('passes the server that npm start runs, without being told anything of it', async () => {
    await using server = await startServerProcess()
    const { code, out, err } = await auditServer([`${server.url}/graphql`, '--within', '500'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^ok +revoked-respelled /m)
    expect(out).toMatch(/\n0 error, 0 warn, 9 skip, \d\d ok\n$/)
    expect(out).not.toContain('eyJ')
    expect(await auditServer([`${server.url}/graphql`, '--password', 'wrong'])).toEqual({
      code: 2,
      out: '',
      err: 'graphql-authx: --login: was answered with UNAUTHENTICATED (401): Authentication is required.\n',
    })
  })

  test('fails where a MUST is broken, by documents of another server', async () => {
    await using server = await startHandmade(['scopes-unchecked'])
    const { code, out } = await auditServer([
      server.url,
      ...HANDMADE,
      ...['--forbidden', '{ reading }', '--within', '100', '--json'],
    ])
    const results = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(results.filter(({ status }) => status === 'error')).toEqual([
      {
        id: 'forbidden',
        name: 'MUST refuse whoever is logged in and has no right',
        status: 'error',
        reason: 'answered',
      },
    ])
    expect(code).toBe(1)
  })

  test.each([
    ['--variables: must be a JSON object', ...HANDMADE, '--variables', '{'],
    ['--login: is needed beside --query or --login', '--query', '{ a }'],
    ['--token-path: is needed beside --query or --login', ...HANDMADE.slice(0, -2)],
    ['--public-key: no-such-file cannot be read', '--public-key', 'no-such-file'],
    ['--public-key: must be a public key as PEM', '--public-key', 'package.json'],
    ['--query: is no GraphQL document', ...HANDMADE, '--query', '{'],
    ['--login: must be one mutation', ...HANDMADE, '--login', '{ a }'],
    ['--ws-url: must be a URL that begins with ws:// or wss://', ...HANDMADE, '--ws-url', '/graphql'],
    ['--expired: must be a text that is not empty', ...HANDMADE, '--expired', ''],
    ['<url>: nothing answers at http://127.0.0.1:9/graphql (ECONNREFUSED)', ...HANDMADE],
  ])('says in one line what to mend: %s', async (line, ...args) => {
    const { code, out, err } = await auditServer(['http://127.0.0.1:9/graphql', '--password', 'x', ...args])
    expect({ code, out, lines: err.split('\n').length }).toEqual({ code: 2, out: '', lines: 2 })
    expect(err).toContain(`graphql-authx: ${line}`)
  })

  describe('asks nothing but what it was told rightly, and says in the words of the server what was wrong:', () => {
    test.each([
      ['--query: was answered with 401: Cannot query field "secrets"', '--query', '{ secrets }'],
      ['--login: was answered with 401: Cannot query field "signIn"', '--login', 'mutation { signIn }'],
      [
        '--token-path: there is no text at data.login.7 of the answer to --login',
        '--token-path',
        'data.login.7',
      ],
      [
        '--wrong-type-path: there is no text at data.refresh of the answer',
        '--wrong-type-path',
        'data.refresh',
      ],
      ['--wrong-type-path: is where the access token is', '--wrong-type-path', 'data.login.0'],
      ['--logout: was answered with 401: Cannot query field "logOut"', '--logout', 'mutation { logOut }'],
      ['--mutation: was answered with 401: Cannot query field "chnge"', '--mutation', 'mutation { chnge }'],
      ['--forbidden: was answered with 401: Cannot query field "raeding"', '--forbidden', '{ raeding }'],
      ['--partial: was answered with 401: Cannot query field "opn"', '--partial', '{ opn may }'],
      ['--expired: is no signed JWT, as the tokens of logins are', '--expired', 'garbage'],
      ['--cookies: the answer to --login sets none', '--cookies'],
    ])('%s', async (line, ...args) => {
      await using server = await startHandmade()
      const { code, out, err } = await auditServer([server.url, ...HANDMADE, ...args])
      expect({ code, out, lines: err.split('\n').length }).toEqual({ code: 2, out: '', lines: 2 })
      expect(err).toContain(`graphql-authx: ${line}`)
    })
  })

  test('says what answers where no GraphQL server is', async () => {
    const other = createServer((_, response) => {
      response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' }).end('<p>Not here')
    }).listen(0, '127.0.0.1')
    await once(other, 'listening')
    try {
      const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`
      const { code, err } = await auditServer([url, ...HANDMADE])
      const line = `graphql-authx: <url>: what answers at ${url} is not JSON (404, text/html)\n`
      expect({ code, err }).toEqual({ code: 2, err: line })
    } finally {
      other.close()
    }
  })

  test('ends in silence where nobody reads on', async () => {
    await using server = await startHandmade()
    const quoted = [resolve('bin/graphql-authx.js'), 'audit-server', server.url, ...HANDMADE, '--json'].map(
      (one) => `'${one}'`,
    )
    const said = await new Promise((done) => {
      const env = bareEnvironment({})
      execFile(
        'sh',
        ['-c', `'${process.execPath}' ${quoted.join(' ')} | head -n 1`],
        { env },
        (_, out, err) => done({ lines: out.split('\n').length - 1, err }),
      )
    })
    expect(said).toEqual({ lines: 1, err: '' })
  })

  test('shows no password that the server repeats', async () => {
    const other = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const message = `refused: ${Buffer.concat(chunks).toString('utf8')}`
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ errors: [{ message }] }))
    }).listen(0, '127.0.0.1')
    await once(other, 'listening')
    try {
      const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`
      const inText = await auditServer([url, ...HANDMADE, '--login', 'mutation { login(p: "open-sesame") }'])
      const login = 'mutation ($username: String!, $password: String!) { login(u: $username, p: $password) }'
      const inVariables = await auditServer([url, ...HANDMADE, '--login', login, '--password', 'open-sesame'])
      for (const { code, err } of [inText, inVariables]) {
        expect({ code, err }).toMatchObject({
          code: 2,
          err: expect.stringContaining('--login: was answered with 400: refused'),
        })
        expect(err).not.toContain('sesame')
      }
    } finally {
      other.close()
    }
  })

  test('wants a query that needs a login, and says so instead of what follows from it', async () => {
    await using server = await startHandmade()
    const { code, out } = await auditServer([server.url, ...HANDMADE, '--query', '{ open }'])
    const [first, second] = out.split('\n')
    expect(first).toBe(
      'error  missing-token           MUST refuse whoever brings no token: answered without a token; is --query a query that needs a login?',
    )
    expect(second).toMatch(/^(warn|skip) /)
    expect(out).toMatch(/^skip {3}the query is answered without a token: good-token, .*\btoken-in-url\b/m)
    expect(code).toBe(1)
  })

  test('says in one line what else it could be given', async () => {
    await using server = await startHandmade()
    const { out } = await auditServer([server.url, ...HANDMADE])
    expect(out.match(/^skip .*/gm)).toMatchInlineSnapshot(`
      [
        "skip   you could also give: --public-key, --expired, --wrong-type-path, --logout, --mutation, --forbidden, --partial, --ws-url, --sse",
      ]
    `)
  })

  test('asks a server whose tokens travel in cookies alone', async () => {
    await using server = await startServerProcess({
      env: { AUTHX_ACCESS_LOCATIONS: 'cookies', AUTHX_REFRESH_LOCATIONS: 'cookies' },
    })
    const { code, out, err } = await auditServer([`${server.url}/graphql`, '--within', '500', '--cookies'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^ok +cookie-form /m)
    expect(out).toMatch(/^ok +ways-to-ask /m)
    expect(out).toMatch(/^ok +missing-token /m)
  })
})
