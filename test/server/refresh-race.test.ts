import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServerProcess, startServerProcess, temporaryFolder } from '../harness/server.ts'

const REFRESH = 'mutation { refresh { accessToken refreshToken } }'

interface Pair {
  readonly accessToken: string
  readonly refreshToken: string
}

function claimsOf(token: string): { jti: string; sid: string; gen: number; exp: number } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

describe('three processes on one SQLite file', () => {
  const folder = temporaryFolder()
  const servers: ServerProcess[] = []
  beforeAll(async () => {
    // One after the other: the first makes the key and the demo user.
    for (let index = 0; index < 3; index++) servers.push(await startServerProcess({ folder }))
  }, 60_000)
  afterAll(async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
    rmSync(folder, { recursive: true, force: true })
  })

  const at = (index: number): ServerProcess => servers[index % servers.length] as ServerProcess
  const refresh = async (index: number, token: string): Promise<Pair | string> => {
    const { body } = await at(index).query(REFRESH, { token })
    return body.data?.refresh ?? body.errors[0].extensions.reason
  }
  const paired = (answer: Pair | string): Pair => {
    if (typeof answer === 'string') throw new Error(`the refresh was refused: ${answer}`)
    return answer
  }

  it('REF-04: give twenty racing refreshes of one token one generation and one successor, a hundred times', {
    timeout: 180_000,
  }, async () => {
    let { refreshToken } = await at(0).login()
    for (let round = 1; round <= 100; round++) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => refresh(index, refreshToken)),
      )
      const pairs = answers.map(paired)
      const successors = new Set(
        pairs.map((pair) => {
          const { jti, sid, gen, exp } = claimsOf(pair.refreshToken)
          return JSON.stringify({ jti, sid, gen, exp })
        }),
      )
      expect([...successors].map((one) => JSON.parse(one).gen)).toEqual([round])
      refreshToken = pairs[round % 20]?.refreshToken ?? ''
    }
  })

  it('REF-05, REF-07: raise no alarm for the immediate predecessor within the window, whichever process it comes to', async () => {
    let { refreshToken } = await at(0).login()
    for (let round = 0; round < 10; round++) {
      const next = paired(await refresh(round, refreshToken))
      const again = paired(await refresh(round + 1, refreshToken))
      expect(claimsOf(again.refreshToken).jti).toBe(claimsOf(next.refreshToken).jti)
      refreshToken = again.refreshToken
    }
  })

  it('REF-02, REF-03, REF-05: end the session when a token two generations old comes back, its newest token too', async () => {
    const first = await at(0).login()
    const second = paired(await refresh(1, first.refreshToken))
    const third = paired(await refresh(2, second.refreshToken))
    expect(await refresh(0, first.refreshToken)).toBe('TOKEN_REUSED')
    for (let index = 0; index < 3; index++) {
      for (const { refreshToken } of [third, second, first]) {
        expect(await refresh(index, refreshToken)).toBe('TOKEN_REVOKED')
      }
      for (const { accessToken } of [first, second, third]) {
        const { body } = await at(index).query('{ profile }', { token: accessToken })
        expect(body.errors[0].extensions.reason).toBe('TOKEN_REVOKED')
      }
    }
  })

  it('REF-03: give nothing that lives to a thief who races with the owner after the alarm', {
    timeout: 60_000,
  }, async () => {
    for (let round = 0; round < 20; round++) {
      const first = await at(round).login()
      const second = paired(await refresh(round + 1, first.refreshToken))
      const third = paired(await refresh(round + 2, second.refreshToken))
      // The newest token is refreshed while the oldest gives the theft away.
      const [newest] = await Promise.all([
        refresh(round, third.refreshToken),
        refresh(round + 1, first.refreshToken),
        refresh(round + 2, first.refreshToken),
      ])
      const held = typeof newest === 'string' ? third : newest
      for (let index = 0; index < 3; index++) {
        expect(await refresh(index, held.refreshToken)).toBe('TOKEN_REVOKED')
      }
    }
  })
})
