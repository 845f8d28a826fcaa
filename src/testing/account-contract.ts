import assert from 'node:assert/strict'
import type { Account, AccountChange, AccountStore } from '../core/account-store.ts'
import { accountDirectoryContract, type DirectoryClause } from './account-directory-contract.ts'
import { type Clause, range } from './clause.ts'

const ADA: Account = {
  id: 'account-1',
  username: 'Ada',
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
  disabled: false,
  scopes: ['posts:read'],
}

/** What every {@link AccountStore} keeps, what a directory keeps included. Run each clause on an empty store of its own. */
export function accountContract(): readonly Clause<AccountStore>[] {
  return [...accountDirectoryContract().map(ofStore), ...accountClauses]
}

/** A directory's clause, for a store: what is to be added is created in it. */
function ofStore({ id, name, covers, run }: DirectoryClause): Clause<AccountStore> {
  return {
    id,
    name,
    covers,
    async run(fixture) {
      let added = 0
      await run({
        open: () => fixture.open(),
        advance: (milliseconds) => fixture.advance(milliseconds),
        async add(account) {
          added += 1
          const created = { ...account, id: `account-${added}` }
          assert.equal(await (await fixture.open()).createAccount(created), true)
          return created.id
        },
      })
    },
  }
}

const accountClauses: readonly Clause<AccountStore>[] = [
  {
    id: 'account-taken',
    name: 'MUST answer false for a username that is taken in any spelling, and change nothing',
    covers: [],
    async run(fixture) {
      const store = await fixture.open()
      assert.equal(await store.createAccount(ADA), true)
      for (const username of ['Ada', 'ada', 'ADA', 'Ａｄａ']) {
        assert.equal(await store.createAccount({ ...ADA, id: 'account-2', username }), false)
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
        assert.equal(await store.createAccount({ ...ADA, id: `account-${index}`, username }), true)
      }
      for (const [index, username] of names.entries()) {
        assert.equal((await store.findByUsername(username))?.id, `account-${index}`)
      }
    },
  },
  {
    id: 'account-changed',
    name: 'MUST change what is named of an account and nothing else, for every handle',
    covers: ['LOG-01'],
    async run(fixture) {
      const [store, other] = [await fixture.open(), await fixture.open()]
      const bob = { ...ADA, id: 'account-2', username: 'bob', disabled: true }
      await store.createAccount(ADA)
      await store.createAccount(bob)
      const steps: readonly AccountChange[] = [
        { disabled: true },
        { passwordHash: 'another' },
        { disabled: false },
        {},
        { scopes: ['posts:write', 'posts:read'] },
        { disabled: true, passwordHash: 'a third' },
        { scopes: [] },
        { disabled: false, passwordHash: 'a fourth', scopes: ['posts:*'] },
      ]
      let expected = ADA
      for (const change of steps) {
        assert.equal(await store.changeAccount(ADA.id, change), true)
        expected = { ...expected, ...change }
        assert.deepEqual({ ...(await other.findById(ADA.id)) }, expected)
        assert.deepEqual({ ...(await other.findByUsername('ada')) }, expected)
        assert.deepEqual({ ...(await other.findById(bob.id)) }, bob)
      }
      assert.equal(await store.changeAccount('ada', { disabled: true }), false)
    },
  },
  {
    id: 'account-scopes',
    name: 'MUST keep scopes word by word, in their order, and apart from the lists that callers hold',
    covers: [],
    async run(fixture) {
      const [store, other] = [await fixture.open(), await fixture.open()]
      const given = ['z:*', 'a', 'a', 'two words', '"', "'", '\\', ',', '', '[]', 'é']
      const kept = [...given]
      await store.createAccount({ ...ADA, scopes: given })
      given.push('one more')
      for (const one of [store, other])
        assert.deepEqual([...((await one.findById(ADA.id))?.scopes ?? [])], kept)
      given.reverse()
      const turned = [...given]
      await store.changeAccount(ADA.id, { scopes: given })
      given.length = 0
      for (const one of [store, other]) {
        assert.deepEqual([...((await one.findByUsername('ada'))?.scopes ?? [])], turned)
      }
    },
  },
  {
    id: 'account-deleted',
    name: 'MUST delete an account once, for every handle, and let somebody else have its username',
    covers: [],
    async run(fixture) {
      const [store, other] = [await fixture.open(), await fixture.open()]
      await store.createAccount(ADA)
      await store.createAccount({ ...ADA, id: 'account-2', username: 'bob' })
      assert.equal(await store.deleteAccount('ada'), false)
      assert.equal(await store.deleteAccount(ADA.id), true)
      assert.equal(await store.deleteAccount(ADA.id), false)
      assert.equal(await other.findById(ADA.id), undefined)
      assert.equal(await other.findByUsername('ada'), undefined)
      assert.equal(await other.changeAccount(ADA.id, { disabled: true }), false)
      assert.equal((await other.findByUsername('bob'))?.id, 'account-2')
      assert.equal(await other.createAccount({ ...ADA, id: 'account-3' }), true)
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
  {
    id: 'account-changes-race',
    name: 'MUST keep what an account was changed to, whoever replaces its password at that moment',
    covers: ['REV-15', 'LOG-01'],
    async run(fixture) {
      const [store, other] = [await fixture.open(), await fixture.open()]
      for (const index of range(20)) {
        const id = `account-${index}`
        const account = { ...ADA, id, username: `user ${index}` }
        await store.createAccount(account)
        const replacement = { current: ADA.passwordHash, next: 'replaced' }
        const change = { passwordHash: 'changed', disabled: true }
        const [isReplaced] = await Promise.all([
          store.replacePassword(id, replacement),
          other.changeAccount(id, change),
        ])
        assert.equal(typeof isReplaced, 'boolean')
        assert.deepEqual({ ...(await store.findById(id)) }, { ...account, ...change })
        for (const current of ['changed', 'replaced', ADA.passwordHash]) {
          assert.equal(await store.replacePassword(id, { current, next: 'too late' }), false)
        }
      }
    },
  },
]
