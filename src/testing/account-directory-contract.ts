import assert from 'node:assert/strict'
import type { Account, AccountDirectory } from '../core/account-store.ts'
import { type Clause, range, type StoreFixture } from './clause.ts'

/** An empty directory under test, and a way to have somebody in it. */
export interface DirectoryFixture extends StoreFixture<AccountDirectory> {
  /** Adds somebody as your table does it, and answers with the id. */
  add(account: Omit<Account, 'id'>): Promise<string>
}

/** A rule that a directory must keep. */
export type DirectoryClause = Clause<AccountDirectory, DirectoryFixture>

const ADA: Omit<Account, 'id'> = {
  username: 'Ada@example.com',
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
  disabled: false,
  scopes: ['posts:read', 'posts:write'],
}
const BOB: Omit<Account, 'id'> = {
  username: 'bob@example.com',
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$dGxhcw$aHNhaA',
  disabled: true,
  scopes: [],
}
const NEXT = '$argon2id$v=19$m=19456,t=2,p=1$YW5vdGhlcg$aGFzaA'

/**
 * What every {@link AccountDirectory} keeps, so that a user table of your own can stand behind the server. Run each clause on an empty one of its own.
 *
 * @example
 * for (const clause of accountDirectoryContract()) {
 *   test(clause.name, () => clause.run({ open: async () => users, advance() {}, add: (account) => insert(account) }))
 * }
 */
export function accountDirectoryContract(): readonly DirectoryClause[] {
  return directoryClauses
}

const directoryClauses: readonly DirectoryClause[] = [
  {
    id: 'directory-found',
    name: 'MUST find an account by its id and by its username, as it was made, through every handle',
    covers: [],
    async run(fixture) {
      const store = await fixture.open()
      const added = [await withId(fixture, ADA), await withId(fixture, BOB)]
      for (const one of [store, await fixture.open()]) {
        for (const account of added) {
          assert.deepEqual({ ...(await one.findById(account.id)) }, account)
          assert.deepEqual({ ...(await one.findByUsername(account.username)) }, account)
        }
      }
    },
  },
  {
    id: 'directory-unknown',
    name: 'MUST answer undefined for an id or a username that nobody has',
    covers: [],
    async run(fixture) {
      const store = await fixture.open()
      const nobody = async (): Promise<void> => {
        for (const name of ['', '0', 'nobody', '__proto__', 'constructor', "' or ''='"]) {
          assert.equal(await store.findById(name), undefined)
          assert.equal(await store.findByUsername(name), undefined)
        }
      }
      await nobody()
      const { id, username } = await withId(fixture, ADA)
      await nobody()
      assert.equal(await store.findById(username), undefined)
      assert.equal(await store.findByUsername(id), undefined)
    },
  },
  {
    id: 'directory-spellings',
    name: 'MUST find a username in every spelling of case and width, and in no other',
    covers: [],
    async run(fixture) {
      const store = await fixture.open()
      const ada = await withId(fixture, ADA)
      for (const username of ['ada@example.com', 'ADA@EXAMPLE.COM', 'Ａｄａ＠ｅｘａｍｐｌｅ.com']) {
        assert.deepEqual({ ...(await store.findByUsername(username)) }, ada)
      }
      for (const username of [
        'áda@example.com',
        'аda@example.com',
        'ada@example.com ',
        ' ada@example.com',
        'ada@example.com\0',
        'ada@example.co',
        'ada@example.com%',
        'ada_example.com',
        '%',
      ]) {
        assert.equal(await store.findByUsername(username), undefined)
      }
    },
  },
  {
    id: 'directory-password',
    name: 'MUST replace the password of the account that is named, and change nothing else',
    covers: [],
    async run(fixture) {
      const [store, other] = [await fixture.open(), await fixture.open()]
      const [ada, bob] = [await withId(fixture, ADA), await withId(fixture, BOB)]
      const current = ada.passwordHash
      for (const id of ['0', 'nobody', ada.username]) {
        assert.equal(await store.replacePassword(id, { current, next: 'of nobody' }), false)
      }
      assert.deepEqual({ ...(await other.findById(ada.id)) }, ada)
      assert.equal(await store.replacePassword(ada.id, { current, next: NEXT }), true)
      assert.deepEqual({ ...(await other.findById(ada.id)) }, { ...ada, passwordHash: NEXT })
      assert.deepEqual({ ...(await other.findByUsername(ada.username)) }, { ...ada, passwordHash: NEXT })
      assert.deepEqual({ ...(await other.findById(bob.id)) }, bob)
    },
  },
  {
    id: 'directory-password-compared',
    name: 'MUST answer false and change nothing where the password is not exactly the one that is expected, or the account is disabled',
    covers: ['REV-15'],
    async run(fixture) {
      const [store, other] = [await fixture.open(), await fixture.open()]
      const [ada, bob] = [await withId(fixture, ADA), await withId(fixture, BOB)]
      const { passwordHash } = ada
      for (const current of [
        bob.passwordHash,
        '',
        passwordHash.slice(0, -1),
        `${passwordHash} `,
        passwordHash.toUpperCase(),
        '%',
      ]) {
        assert.equal(await store.replacePassword(ada.id, { current, next: NEXT }), false)
      }
      assert.equal(await store.replacePassword(bob.id, { current: bob.passwordHash, next: NEXT }), false)
      for (const account of [ada, bob]) assert.deepEqual({ ...(await other.findById(account.id)) }, account)
      assert.equal(await store.replacePassword(ada.id, { current: passwordHash, next: NEXT }), true)
      assert.equal(await other.replacePassword(ada.id, { current: passwordHash, next: 'too late' }), false)
      assert.equal((await other.findById(ada.id))?.passwordHash, NEXT)
    },
  },
  {
    id: 'directory-password-races',
    name: 'MUST let exactly one of 20 racing callers replace a password that all of them know',
    covers: ['REV-15'],
    async run(fixture) {
      const handles = [await fixture.open(), await fixture.open()] as const
      const { id, passwordHash: current } = await withId(fixture, ADA)
      const replace = (index: number) =>
        handles[(index % 2) as 0 | 1].replacePassword(id, { current, next: `${NEXT}${index}` })
      const replaced = await Promise.all(range(20).map(replace))
      assert.equal(replaced.filter(Boolean).length, 1)
      assert.equal((await handles[0].findById(id))?.passwordHash, `${NEXT}${replaced.indexOf(true)}`)
    },
  },
]

async function withId(fixture: DirectoryFixture, account: Omit<Account, 'id'>): Promise<Account> {
  return { id: await fixture.add(account), ...account }
}
