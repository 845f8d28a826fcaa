import { expect, it } from 'vitest'
import { startServerProcess } from '../harness/server.ts'

const REFRESH = 'mutation { refresh { accessToken refreshToken } }'

function claimsOf(token: string): { jti: string; sid: string; gen: number; exp: number } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

it('REF-04: gives twenty racing refreshes of one token one generation and one successor, a hundred times', {
  timeout: 180_000,
}, async () => {
  await using server = await startServerProcess()
  let { refreshToken } = await server.login()
  for (let round = 1; round <= 100; round++) {
    const racers = Array.from({ length: 20 }, () => server.query(REFRESH, { token: refreshToken }))
    const answers = (await Promise.all(racers)).map(
      ({ body }) => body.data?.refresh.refreshToken as string | undefined,
    )
    const successors = new Set(
      answers.map((token) => {
        const { jti, sid, gen, exp } = claimsOf(token ?? '')
        return JSON.stringify({ jti, sid, gen, exp })
      }),
    )
    expect([...successors].map((one) => JSON.parse(one).gen)).toEqual([round])
    refreshToken = answers[0] ?? ''
  }
})

it('REF-02, REF-03, REF-05: ends the session when a token two generations old comes back', async () => {
  await using server = await startServerProcess()
  const first = await server.login()
  const refresh = async (token: string) => (await server.query(REFRESH, { token })).body
  const second = (await refresh(first.refreshToken)).data.refresh
  const third = (await refresh(second.refreshToken)).data.refresh
  expect((await refresh(first.refreshToken)).errors[0].extensions.reason).toBe('TOKEN_REUSED')
  for (const { refreshToken } of [second, third]) {
    expect((await refresh(refreshToken)).errors[0].extensions.reason).toBe('TOKEN_REVOKED')
  }
  for (const { accessToken } of [first, second, third]) {
    const { body } = await server.query('{ profile }', { token: accessToken })
    expect(body.errors[0].extensions.reason).toBe('TOKEN_REVOKED')
  }
})
