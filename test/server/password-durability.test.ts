import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PASSWORD, startServerProcess, temporaryFolder } from '../harness/server.ts'
import { Neighbour } from '../stores/processes.ts'

const LOGIN = 'mutation ($p: String!) { login(username: "demo", password: $p) { accessToken refreshToken } }'
const REFRESH = 'mutation { refresh { accessToken } }'
const CHANGE =
  'mutation ($p: String!, $next: String!) { changePassword(current: $p, next: $next) { accessToken } }'

/** Each round is a start of the server. */
const ROUNDS = process.env.CI === undefined ? 3 : 20

it(`REV-15, REV-11: kill -9 right after the new password is written leaves no session from before, ${ROUNDS} times in a row`, {
  timeout: 900_000,
}, async () => {
  const folder = temporaryFolder()
  const left: string[] = []
  let password = PASSWORD
  let stolen: { accessToken: string; refreshToken: string } | undefined
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      const server = await startServerProcess({ folder })
      const login = async () =>
        (await server.query(LOGIN, { variables: { p: password } })).body.data.login as NonNullable<
          typeof stolen
        >
      if (stolen !== undefined) {
        const { accessToken, refreshToken } = stolen
        const answers = [
          await server.query('{ profile }', { token: accessToken }),
          await server.query(REFRESH, { token: refreshToken }),
        ]
        for (const { body } of answers) left.push(body.errors?.[0]?.extensions.reason ?? `alive in ${round}`)
      }
      stolen = await login()
      const { accessToken: token } = await login()
      const killer = new Neighbour('killOnNewPassword', join(folder, 'data/authx.db'))
      killer.send(String(server.process.pid))
      expect(await killer.line()).toBe('watching')
      const next = `new password ${round}`
      // It has no answer, or is quicker than its killer.
      await server.query(CHANGE, { token, variables: { p: password, next } }).catch(() => undefined)
      await killer.rest()
      expect(await server.end('SIGKILL')).toBe('SIGKILL')
      password = next
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  expect(left).toEqual(Array(2 * ROUNDS).fill('TOKEN_REVOKED'))
})
