import assert from 'node:assert/strict'
import type { Store } from '../core/store.ts'
import { accountContract } from './account-contract.ts'
import { blocklistContract } from './blocklist-contract.ts'
import { type Clause, ISSUER } from './clause.ts'
import { sessionContract } from './session-contract.ts'
import { createSession, RETENTION, rotate } from './session-steps.ts'

/**
 * All that a whole store keeps: the contracts of a blocklist, of sessions and of accounts. Run each clause on an empty store of its own.
 *
 * @example
 * for (const clause of storeContract()) {
 *   test(clause.name, () => clause.run({ open: async () => store, advance: (ms) => { now += ms } }))
 * }
 */
export function storeContract(): readonly Clause<Store>[] {
  return [...blocklistContract(), ...sessionContract(), ...accountContract(), closedStore]
}

const closedStore: Clause<Store> = {
  id: 'closed-store',
  name: 'MUST reject every call about sessions and accounts once it is closed',
  covers: ['REV-13'],
  async run(fixture) {
    const store = await fixture.open()
    await createSession(store)
    await store.close()
    await assert.rejects(async () => createSession(store, { sid: 'session-2' }))
    await assert.rejects(async () => rotate(store, 0))
    await assert.rejects(async () => store.listSessions(ISSUER, 'ada'))
    await assert.rejects(async () => store.listIssuers('ada'))
    const ending = { issuer: ISSUER, sub: 'ada', retention: RETENTION }
    await assert.rejects(async () => store.endSession({ ...ending, sid: 'session-1' }))
    await assert.rejects(async () => store.endSessions(ending))
    await assert.rejects(async () => store.findById('account-1'))
    await assert.rejects(async () => store.findByUsername('ada'))
    await assert.rejects(async () =>
      store.createAccount({
        id: 'account-1',
        username: 'ada',
        passwordHash: '',
        disabled: false,
        scopes: [],
      }),
    )
    await assert.rejects(async () => store.changeAccount('account-1', { disabled: true }))
    await assert.rejects(async () => store.replacePassword('account-1', { current: '', next: 'a' }))
    await assert.rejects(async () => store.deleteAccount('account-1'))
  },
}
