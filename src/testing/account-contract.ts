import assert from 'node:assert/strict'
import type { Account, AccountStore } from '../core/account-store.ts'
import { type Clause, range } from './clause.ts'

const ADA: Account = {
  id: 'account-1',
  username: 'Ada',
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
}

/** What every {@link AccountStore} keeps. Run each clause on an empty store of its own. */
export function accountContract(): readonly Clause<AccountStore>[] {
  return accountClauses
}

const accountClauses: readonly Clause<AccountStore>[] = [
  {
    id: 'account-found',
    name: 'MUST find an account by its id and by its username, as it was made, through every handle',
    covers: [],
    async run(fixture) {
      const store = await fixture.open()
      assert.equal(await store.createAccount(ADA), true)
      for (const one of [store, await fixture.open()]) {
        assert.deepEqual({ ...(await one.findById(ADA.id)) }, ADA)
        assert.deepEqual({ ...(await one.findByUsername(ADA.username)) }, ADA)
      }
    },
  },
  {
    id: 'account-unknown',
    name: 'MUST answer undefined for an id or a username that nobody has',
    covers: [],
    async run(fixture) {
      const store = await fixture.open()
      for (const name of ['', 'Ada', '__proto__', 'constructor']) {
        assert.equal(await store.findById(name), undefined)
        assert.equal(await store.findByUsername(name), undefined)
      }
      await store.createAccount(ADA)
      assert.equal(await store.findById(ADA.username), undefined)
      assert.equal(await store.findByUsername(ADA.id), undefined)
    },
  },
  {
    id: 'account-taken',
    name: 'MUST answer false for a username that is taken in any spelling, and change nothing',
    covers: [],
    async run(fixture) {
      const store = await fixture.open()
      assert.equal(await store.createAccount(ADA), true)
      for (const username of ['Ada', 'ada', 'ADA', 'Ａｄａ']) {
        assert.equal(await store.createAccount({ id: 'account-2', username, passwordHash: 'other' }), false)
        assert.deepEqual({ ...(await store.findByUsername(username)) }, ADA)
      }
      assert.equal(await store.findById('account-2'), undefined)
    },
  },
  {
    id: 'account-id-taken',
    name: 'MUST reject an id that is taken, and change nothing',
    covers: [],
    async run(fixture) {
      const store = await fixture.open()
      await store.createAccount(ADA)
      await assert.rejects(async () => store.createAccount({ ...ADA, username: 'bob' }))
      assert.deepEqual({ ...(await store.findById(ADA.id)) }, ADA)
      assert.equal(await store.findByUsername('bob'), undefined)
      assert.equal(await store.createAccount({ ...ADA, id: 'account-2', username: 'bob' }), true)
    },
  },
  {
    id: 'account-names-apart',
    name: 'MUST keep usernames apart that differ in more than case and width',
    covers: [],
    async run(fixture) {
      const store = await fixture.open()
      const names = [
        'ada',
        'áda',
        'ada ',
        ' ada',
        'ad',
        "ada'",
        'ada"',
        'ada\0',
        '%',
        '_',
        '__proto__',
        'аda',
        'x'.repeat(255),
      ]
      for (const [index, username] of names.entries()) {
        assert.equal(
          await store.createAccount({ id: `account-${index}`, username, passwordHash: 'hash' }),
          true,
        )
      }
      for (const [index, username] of names.entries()) {
        assert.equal((await store.findByUsername(username))?.id, `account-${index}`)
      }
    },
  },
  {
    id: 'account-password',
    name: 'MUST set the password of an account, and of no other; answer false where there is none',
    covers: ['REV-15'],
    async run(fixture) {
      const store = await fixture.open()
      await store.createAccount(ADA)
      const bob = { id: 'account-2', username: 'bob', passwordHash: 'old' }
      await store.createAccount(bob)
      for (const passwordHash of ['new', 'newer', 'newer']) {
        assert.equal(await store.setPasswordHash(ADA.id, passwordHash), true)
        const other = await fixture.open()
        assert.deepEqual({ ...(await other.findById(ADA.id)) }, { ...ADA, passwordHash })
        assert.deepEqual({ ...(await other.findByUsername('ada')) }, { ...ADA, passwordHash })
      }
      assert.equal(await store.setPasswordHash('account-3', 'new'), false)
      assert.equal(await store.findById('account-3'), undefined)
      assert.deepEqual({ ...(await store.findById('account-2')) }, bob)
    },
  },
  {
    id: 'account-races',
    name: 'MUST let exactly one of 20 racing callers have a username',
    covers: [],
    async run(fixture) {
      const handles = [await fixture.open(), await fixture.open()] as const
      const create = (index: number) =>
        handles[(index % 2) as 0 | 1].createAccount({ ...ADA, id: `account-${index}` })
      const made = await Promise.all(range(20).map(create))
      assert.equal(made.filter(Boolean).length, 1)
      assert.equal((await handles[0].findByUsername('ada'))?.id, `account-${made.indexOf(true)}`)
    },
  },
]
