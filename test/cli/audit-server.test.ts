import { execFile } from 'node:child_process'
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
      err: 'graphql-authx: --login: there is no token at data.login.accessToken of its answer (401, UNAUTHENTICATED)\n',
    })
  })

  test('fails where a MUST is broken, by documents of another server', async () => {
    await using server = await startHandmade(['scopes-unchecked'])
    const told = ['--login', 'mutation { login }', '--variables', '{}', '--token-path', 'data.login.0']
    const { code, out } = await auditServer([
      server.url,
      ...told,
      ...['--query', '{ secret }', '--forbidden', '{ reading }', '--within', '100', '--json'],
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
    ['--variables: must be JSON', '--variables', '{'],
    ['--token-path: is needed beside --query or --login', '--query', '{ a }'],
    ['--public-key: no-such-file cannot be read', '--public-key', 'no-such-file'],
    ['query: is no GraphQL document', '--query', '{', '--login', 'mutation { a }', '--token-path', 'a'],
    ['http://127.0.0.1:9/graphql: nothing answers there in JSON'],
  ])('says in one line what to mend: %s', async (line, ...args) => {
    const { code, out, err } = await auditServer(['http://127.0.0.1:9/graphql', ...args])
    expect({ code, out, lines: err.split('\n').length }).toEqual({ code: 2, out: '', lines: 2 })
    expect(err).toContain(`graphql-authx: ${line}`)
  })
})
