import { deepStrictEqual } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { TokenIdentity } from 'graphql-authx'
import { memory } from 'graphql-authx/stores/memory'
import type { MakeWork } from '../../contest.ts'
import { USER } from '../../fixture.ts'
import { inTurn } from './tokens.ts'

/** Sessions that have ended and whose tokens would still be good. */
const ENTRIES = 100_000

const ask =
  (isHit: boolean): MakeWork =>
  async () => {
    const store = memory()
    const ended = Array.from({ length: ENTRIES }, () => randomUUID())
    for (const sid of ended) await store.revoke({ kind: 'session', issuer: '', sid, retention: 86_400 })
    const identity = (sid: string): TokenIdentity => ({ issuer: '', jti: sid, sid, sub: USER.id, ue: 0 })
    const asked = isHit ? ended : Array.from({ length: ENTRIES }, () => randomUUID())
    const next = inTurn(asked.map(identity))
    return {
      run: () => store.isRevoked(next()),
      check: () => deepStrictEqual(store.isRevoked(next()), isHit),
    }
  }

export const hit: MakeWork = ask(true)
export const miss: MakeWork = ask(false)
