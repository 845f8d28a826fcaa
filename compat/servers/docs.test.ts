import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { exchange } from './exchange.ts'

/** Where nothing is committed; inside this install, so that imports resolve as they do for a reader who has it. */
const FOLDER = 'work/docs'
const PAGE = ['servers', 'mercurius'].map((name) => readFileSync(`../../docs/${name}.md`, 'utf8')).join('\n')

/** The samples by the name in their first line. */
const SAMPLES = [...PAGE.matchAll(/^```ts in compat\/servers\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(
  ([, name = '', code = '']) => ({ name, code }),
)
const RUNNING = SAMPLES.filter(({ code }) => code.includes('4000'))

beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true })
  for (const { name, code } of SAMPLES) writeFileSync(`${FOLDER}/${name}`, code)
})
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }))

test('every sample of docs/servers.md and docs/mercurius.md compiles against the real packages', () => {
  expect(SAMPLES.length).toBeGreaterThan(6)
  expect([...PAGE.matchAll(/^```ts/gm)].length).toBe(SAMPLES.length)
  writeFileSync(
    `${FOLDER}/tsconfig.json`,
    JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }),
  )
  expect(spawnSync('tsc', ['-p', FOLDER], { encoding: 'utf8' }).stdout).toBe('')
})

describe('a sample', () => {
  test.each(RUNNING)('$name runs, lets in who logged in, and nobody else', async ({ name, code }) => {
    const port = await freePort()
    const file = `${FOLDER}/at-${port}-${name}`
    writeFileSync(file, code.replace('4000', String(port)))
    const env = { ...process.env, AUTHX_SECRET: 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa', NODE_ENV: 'test' }
    const child = spawn(process.execPath, ['--import', './resolve-authx.ts', file], { env, stdio: 'inherit' })
    try {
      const ask = async (query: string, token?: string) => {
        const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
        const headers = { 'content-type': 'application/json', ...authorization }
        const { status, text } = await exchange(`http://localhost:${port}/graphql`, {
          method: 'POST',
          body: { query },
          headers,
        })
        return { status, data: JSON.parse(text).data }
      }
      await expect
        .poll(() => ask('{ profile }').catch(() => undefined), { timeout: 20_000 })
        .toEqual({ status: 401, data: null })
      const { data } = await ask('mutation { login(name: "ada") }')
      expect(await ask('{ profile }', data.login)).toEqual({
        status: 200,
        data: { profile: 'You are authenticated' },
      })
      if (code.includes('graphql-ws')) {
        expect(await overSocket(port, data.login)).toEqual({ data: { profile: 'You are authenticated' } })
        await expect(overSocket(port, 'no token')).rejects.toMatchObject({ code: 4403 })
      }
      await ask('mutation { logout }', data.login)
      expect(await ask('{ profile }', data.login)).toEqual({ status: 401, data: null })
    } finally {
      child.kill()
    }
  })
})

/** What a client is answered over a WebSocket of its own. */
async function overSocket(port: number, token: string): Promise<unknown> {
  const client = createClient({
    url: `ws://localhost:${port}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { Authorization: `Bearer ${token}` },
  })
  try {
    return (await client.iterate({ query: '{ profile }' }).next()).value
  } finally {
    await client.dispose()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
