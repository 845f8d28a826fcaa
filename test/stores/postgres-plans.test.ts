import { describe, expect, test } from 'vitest'
import { ISSUER, identity } from '../../src/testing/clause.ts'
import { createSession, rotate } from '../../src/testing/session-steps.ts'
import { isSkipped } from '../harness/debian.ts'
import { OWN_POSTGRES, query } from '../harness/postgres.ts'
import { usesOwnPostgres } from './postgres-steps.ts'

describe.skipIf(isSkipped(OWN_POSTGRES))('postgres() with plans that connections keep', () => {
  const own = usesOwnPostgres({ fsync: false })

  test('goes on over connections from before a newer version added columns', () =>
    own.withStore(async (store) => {
      const ask = async (round: number) => {
        await store.revoke({ kind: 'token', issuer: ISSUER, jti: `token-${round}`, expiresAt: 9e9 })
        expect(await store.isRevoked(identity({ jti: `token-${round}` }))).toBe(true)
        expect((await rotate(store, round)).status).toBe('rotated')
        expect(await store.listSessions(ISSUER, 'ada')).toHaveLength(1)
        expect(await store.findById('nobody')).toBeUndefined()
        expect((await store.readSince(0, 100)).head).toBe(round + 1)
        expect(await store.endSession({ issuer: ISSUER, sub: 'ada', sid: 'none', retention: 1 })).toBe(false)
      }
      await createSession(store)
      for (let round = 0; round < 7; round += 1) await ask(round)
      for (const table of ['log', 'log_head', 'epochs', 'sessions', 'accounts']) {
        await query(own.url, `alter table authx_${table} add column later text`)
      }
      for (let round = 7; round < 14; round += 1) await ask(round)
    }))
})
