import { connect } from 'node:net'
import { createYoga } from 'graphql-yoga'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useLastResort } from '../../src/server/last-resort.ts'
import { listen } from '../../src/server/listen.ts'
import { guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { type ServerProcess, startServerProcess } from '../harness/server.ts'

const INSIDE = /node_modules|TypeError|\bat .*[:(]|whatwg/

describe("a request's target", () => {
  let server: ServerProcess
  beforeAll(async () => {
    server = await startServerProcess({ env: { AUTHX_INTROSPECTION: 'false' } })
  })
  afterAll(() => server[Symbol.asyncDispose]())

  /** What the server says to a request line, with a Host of its own unless one is given. */
  const say = (line: string, host = 'x', version = '1.1') =>
    new Promise<string>((answered) => {
      const { port, hostname } = new URL(server.url)
      const bytes = `${line} HTTP/${version}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
      const socket = connect(Number(port), hostname, () => socket.end(bytes))
      let said = ''
      socket.on('data', (chunk) => {
        said += chunk
      })
      socket.on('close', () => answered(said))
    })

  it.each([
    ['a path', 'GET /graphql?query={__typename}'],
    ['a URL (RFC 9112 section 3.2.2)', 'GET http://other/graphql?query={__typename}'],
    ['a URL with a port', 'GET http://other:8080/graphql?query={__typename}'],
    ['a URL of TLS, which ended before us', 'GET https://other/graphql?query={__typename}'],
    ['a URL in capitals', 'GET HTTP://OTHER/graphql?query={__typename}'],
  ])('may be %s', async (_, line) => {
    const said = await say(line)
    expect(said).toMatch(/^HTTP\/1\.1 200 /)
    expect(said).toContain('{"data":{"__typename":"Query"}}')
  })

  it('may be the server itself, with OPTIONS', async () => {
    const said = await say('OPTIONS *')
    expect(said).toMatch(/^HTTP\/1\.1 204 /)
    expect(said).toMatch(/^allow: GET, POST, OPTIONS\r$/im)
  })

  it.each<[line: string, host?: string]>([
    ['GET *'],
    ['GET graphql'],
    ['GET javascript:alert(1)'],
    ['GET ftp://other/graphql'],
    ['GET http:///graphql'],
    ['GET http://'],
    ['GET http://user:secret@other/graphql'],
    ['GET http://other:99999/graphql'],
    ['GET http://[::1/graphql'],
    ['GET ?query={__typename}'],
    ['GET \\\\other\\graphql'],
    ['GET /graphql', 'a/b?c'],
    ['GET /graphql', 'a?b'],
    ['GET /graphql', 'a#b'],
    ['GET /graphql', 'user:secret@a'],
    ['GET /graphql', 'a\\b'],
    ['GET /graphql', '['],
    ['GET http://other/graphql', 'a b'],
  ])('GQL-06: is otherwise answered with 400 and nothing else: %s %s', async (line, host) => {
    const said = await say(line, host)
    expect(said).toMatch(/^HTTP\/1\.1 400 /)
    expect(said.split('\r\n\r\n').slice(1).join('')).toBe('')
  })

  it.each<[line: string, host?: string, version?: string]>([
    ['GET //other:99999/graphql'],
    ['GET //user@[::1/graphql'],
    ['GET /graphql?query=%E0%A4%A'],
    ['GET /health', ''],
    ['TRACE /graphql'],
    ['PROPFIND /graphql'],
    ['QUERY /graphql'],
    ['HEAD /graphql'],
    ['DELETE /health'],
    ['OPTIONS /graphql'],
    ['GET /graphql', '::1'],
    ['GET /graphql', 'x', '1.0'],
  ])('GQL-06: shows nothing from inside, whatever it is: %s %s', async (line, host, version) => {
    const said = await say(line, host, version)
    expect(said).toMatch(/^HTTP\/1\.1 \d/)
    expect(said).not.toMatch(/^HTTP\/1\.1 5/)
    expect(said).not.toMatch(INSIDE)
  })
})

describe('what fails outside of GraphQL', () => {
  it.each(['onRequest', 'onResponse'])('GQL-06: is for the log, not for the client: %s', async (hook) => {
    const logged: unknown[] = []
    const failure = new Error('SELECT * FROM secrets')
    const yoga = createYoga({
      schema: guarded(openAuthX().authx, 'type Query { a: Int }'),
      plugins: [
        useLastResort({ error: (...entry) => void logged.push(entry) }),
        {
          [hook]() {
            throw failure
          },
        },
      ],
      logging: false,
    })
    const server = await listen(yoga, 0, '127.0.0.1')
    const response = await fetch(`${server.url}/graphql?query={a}`)
    expect([response.status, await response.text()]).toEqual([500, 'Unexpected error.'])
    expect(logged).toMatchObject([
      [{ error: { message: failure.message } }, 'a request could not be answered'],
    ])
    await server.drain(1)
  })
})
