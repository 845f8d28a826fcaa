import { rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { startServerProcess, temporaryFolder } from '../harness/server.ts'

/** Each round is a start of the server; in CI there are as many as the promise names. */
const ROUNDS = process.env.CI === undefined ? 20 : 200

it(`REV-11: loses no logout to kill -9 right after its answer, ${ROUNDS} times in a row`, {
  timeout: 900_000,
}, async () => {
  const folder = temporaryFolder()
  const lost: number[] = []
  let revoked: string | undefined
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const server = await startServerProcess({ folder })
      if (revoked !== undefined) {
        const { body } = await server.query('{ profile }', { token: revoked })
        if (body.errors?.[0]?.extensions.reason !== 'TOKEN_REVOKED') lost.push(round)
      }
      revoked = (await server.login()).accessToken
      expect((await server.query('{ profile }', { token: revoked })).status).toBe(200)
      const { body } = await server.query('mutation { logout }', { token: revoked })
      expect(body).toEqual({ data: { logout: true } })
      await server.end('SIGKILL')
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  expect(lost).toEqual([])
})
