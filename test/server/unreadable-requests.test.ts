import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServerProcess, startServerProcess } from '../harness/server.ts'

describe('requests that mean no good', () => {
  let server: ServerProcess
  beforeAll(async () => {
    server = await startServerProcess({ env: { AUTHX_CORS_ORIGINS: 'https://a.example,https://b.example' } })
  })
  afterAll(() => server[Symbol.asyncDispose]())

  /** What the server says to bytes. */
  const say = (bytes: string) =>
    new Promise<string>((answered) => {
      const { port, hostname } = new URL(server.url)
      const socket = connect(Number(port), hostname, () => socket.end(bytes))
      let said = ''
      socket.on('data', (chunk) => {
        said += chunk
      })
      socket.on('close', () => answered(said))
    })

  it.each(['a b', '[::1', 'x:99999999'])('answers Host: %s with 400, and nothing of itself', async (host) => {
    const said = await say(`GET /graphql HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(said).toMatch(/^HTTP\/1\.1 400 /)
    expect(said).not.toMatch(/node_modules|TypeError|\bat /)
  })

  it.each(['variables={', 'variables=%22', 'extensions={'])(
    'answers ?%s with 400, and leaves the log alone',
    async (query) => {
      const before = server.output()
      const response = await fetch(`${server.url}/graphql?query={tokenOptional}&${query}`)
      expect([response.status, await response.json()]).toEqual([
        400,
        { errors: [expect.objectContaining({ message: expect.any(String) })] },
      ])
      expect(server.output()).toBe(before)
    },
  )

  it('LOG-06: is not held up by a username that takes long to normalize', async () => {
    const username = `a${'\u0301'.repeat(20_000)}${'\u0323'.repeat(20_000)}`
    const LOGIN = 'mutation ($username: String!) { login(username: $username, password: "x") { tokenType } }'
    const { body } = await server.query(LOGIN, { variables: { username } })
    expect(body.errors[0].extensions.reason).toBe('CREDENTIALS_WRONG')
  })

  it.each([
    ['https://a.example', 'https://a.example'],
    ['https://evil.example', null],
    ['null', null],
  ])('lets pages of the named origins read answers: %s', async (origin, allowed) => {
    const { headers } = await server.query('{ tokenOptional }', { headers: { origin } })
    expect([
      headers.get('access-control-allow-origin'),
      headers.get('access-control-allow-credentials'),
    ]).toEqual([allowed, null])
  })
})
