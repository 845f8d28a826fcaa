import assert from 'node:assert/strict'
import type { BlocklistStore, Revocation } from '../core/blocklist.ts'
import {
  assertLive,
  assertMoment,
  assertRevoked,
  type Clause,
  clockOf,
  ISSUER,
  identity,
  readLog,
} from './clause.ts'
import { lifetimeClauses } from './lifetime-clauses.ts'
import { logClauses } from './log-clauses.ts'
import { purgeClauses } from './purge-clauses.ts'

const RETENTION = 1000

/** Texts that a store must keep apart and give back unchanged, though a database, a shell or an object might not. */
const TRICKY_KEYS: readonly string[] = [
  ...['a', 'A', 'a ', ' a', ' ', 'a b', 'a\tb', 'a\nb', '"', "'", "'; drop table authx_log; --", '\\', '%', '_', '?', '$1', ':a'],
  ...['\0', 'a\0', 'a\0b', '0', '00', '0.0', '1e3', 'null', 'undefined', '__proto__', 'constructor', 'toString', '["a"]', '{}'],
  ...['é', 'e\u0301', 'ß', 'ss', 'ﬁ', 'fi', '😀', '\u200b', '\ufeffa', 'ı', 'i', 'x'.repeat(254), 'x'.repeat(255), '😀'.repeat(127)],
] // biome-ignore format: one list

/** What every {@link BlocklistStore} keeps. Run each clause on an empty store of its own. */
export function blocklistContract(): readonly Clause<BlocklistStore>[] {
  return [...revocationClauses, ...logClauses, ...lifetimeClauses, ...purgeClauses]
}

const revocationClauses: readonly Clause<BlocklistStore>[] = [
  {
    id: 'revoke-token',
    name: 'MUST refuse a revoked token, and no other token of its session',
    covers: ['REV-24'],
    async run(fixture) {
      const store = await fixture.open()
      await assertLive(store, identity(), 'nothing was revoked')
      await store.revoke(tokenRevocation('token-1', await clockOf(store)))
      await assertRevoked(store, identity(), 'its jti was')
      await assertLive(store, identity({ jti: 'token-2' }), 'another token of the session')
    },
  },
  {
    id: 'revoke-session',
    name: 'MUST refuse every token of a revoked session, and none of another session or subject',
    covers: ['REV-04', 'REV-24'],
    async run(fixture) {
      const store = await fixture.open()
      await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'session-1', retention: RETENTION })
      await assertRevoked(store, identity(), 'its session was')
      await assertRevoked(
        store,
        identity({ jti: 'token-2', ue: 7 }),
        'its session was, whatever else it says',
      )
      await assertLive(store, identity({ sid: 'session-2' }), 'another session of the subject')
      await assertLive(store, identity({ sid: 'session-3', sub: 'bob' }), 'another subject')
    },
  },
  {
    id: 'revoke-subject',
    name: 'MUST refuse every token of a subject with an epoch below the current one, and none with that one or of another subject',
    covers: ['REV-15', 'REV-24'],
    async run(fixture) {
      const store = await fixture.open()
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: RETENTION })
      await assertRevoked(store, identity(), 'its epoch is over')
      await assertRevoked(store, identity({ sid: 'session-2', jti: 'token-2' }), 'in every session')
      const { epoch } = await store.readEpoch(ISSUER, 'ada')
      await assertLive(store, identity({ sid: 'session-3', ue: epoch }), 'it was made after the revocation')
      await assertLive(store, identity({ sub: 'bob' }), 'another subject')
    },
  },
  {
    id: 'epochs-rise',
    name: 'MUST raise the epoch by one with each revocation of the subject, from 0',
    covers: ['REV-15', 'REV-17'],
    async run(fixture) {
      const store = await fixture.open()
      const others = [
        { issuer: ISSUER, sub: 'bob' },
        { issuer: '', sub: 'ada' },
      ]
      for (const other of others) await store.revoke({ kind: 'subject', ...other, retention: RETENTION })
      for (const expected of [0, 1, 2, 3]) {
        const { epoch } = await store.readEpoch(ISSUER, 'ada')
        assert.equal(epoch, expected)
        if (epoch > 0) await assertRevoked(store, identity({ ue: epoch - 1 }), 'an earlier epoch')
        await assertLive(store, identity({ ue: epoch }), 'the current epoch')
        await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: RETENTION })
      }
      for (const { issuer, sub } of others) assert.equal((await store.readEpoch(issuer, sub)).epoch, 1)
    },
  },
  {
    id: 'kinds-combine',
    name: 'MUST refuse a token that is revoked by any one of its jti, sid and epoch, whichever the others say',
    covers: ['REV-16'],
    async run(fixture) {
      const store = await fixture.open()
      await store.revoke(tokenRevocation('bad', await clockOf(store)))
      await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'bad', retention: RETENTION })
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: RETENTION })
      for (const jti of ['good', 'bad']) {
        for (const sid of ['good', 'bad']) {
          for (const ue of [1, 0]) {
            const expected = jti === 'bad' || sid === 'bad' || ue === 0
            assert.equal(await store.isRevoked(identity({ jti, sid, ue })), expected, `${jti} ${sid} ${ue}`)
          }
        }
      }
    },
  },
  {
    id: 'kinds-apart',
    name: 'MUST NOT take a jti for a sid or a sub, though they read the same',
    covers: ['REV-24'],
    async run(fixture) {
      const store = await fixture.open()
      await store.revoke(tokenRevocation('same', await clockOf(store)))
      await assertLive(store, identity({ sid: 'same', sub: 'same' }), 'only a jti was revoked')
      await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'same-2', retention: RETENTION })
      await assertLive(store, identity({ jti: 'same-2', sub: 'same-2' }), 'only a sid was revoked')
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'same-3', retention: RETENTION })
      await assertLive(store, identity({ jti: 'same-3', sid: 'same-3' }), 'only a sub was revoked')
    },
  },
  {
    id: 'issuers-apart',
    name: 'MUST keep each issuer a namespace of its own, the empty one too',
    covers: ['REV-05'],
    async run(fixture) {
      const store = await fixture.open()
      const now = await clockOf(store)
      for (const [issuer, key] of [
        ['ab', 'c'],
        ['', 'd'],
        ['a b', 'e'],
        [ISSUER, 'f'],
      ] as const) {
        const token = { issuer, jti: key, sid: key, sub: key, ue: 0 }
        const kinds: readonly [Revocation, object][] = [
          [
            { ...tokenRevocation(key, now), issuer },
            { sid: '-', sub: '-' },
          ],
          [
            { kind: 'session', issuer, sid: key, retention: RETENTION },
            { jti: '-', sub: '-' },
          ],
          [
            { kind: 'subject', issuer, sub: key, retention: RETENTION },
            { jti: '-', sid: '-' },
          ],
        ]
        for (const [revocation, others] of kinds) {
          await store.revoke(revocation)
          await assertRevoked(store, { ...token, ...others }, `${revocation.kind} of its own issuer`)
        }
        assert.equal((await store.readEpoch(issuer, key)).epoch, 1)
        await assertLive(store, { ...token, issuer: `${issuer}/` }, 'another issuer')
        assert.equal((await store.readEpoch(`${issuer}/`, key)).epoch, 0)
      }
      await assertLive(
        store,
        { issuer: 'a', jti: 'bc', sid: 'bc', sub: 'bc', ue: 0 },
        '"a" "bc" is not "ab" "c"',
      )
    },
  },
  {
    id: 'tricky-keys',
    name: 'MUST keep any text of 1 to 255 characters apart from any other, and give it back unchanged',
    covers: ['REV-24'],
    async run(fixture) {
      const store = await fixture.open()
      const now = await clockOf(store)
      for (const key of TRICKY_KEYS) {
        const why = `the key ${JSON.stringify(key)}`
        for (const one of [{ jti: key }, { sid: key }, { sub: key }])
          await assertLive(store, identity(one), why)
        await store.revoke(tokenRevocation(key, now))
        await store.revoke({ kind: 'session', issuer: ISSUER, sid: key, retention: RETENTION })
        await store.revoke({ kind: 'subject', issuer: ISSUER, sub: key, retention: RETENTION })
        for (const one of [{ jti: key }, { sid: key }, { sub: key }])
          await assertRevoked(store, identity(one), why)
        assert.equal((await store.readEpoch(ISSUER, key)).epoch, 1, why)
      }
      const keys = (await readLog(store)).map((entry) => entry.key)
      assert.deepEqual(
        keys,
        TRICKY_KEYS.flatMap((key) => [key, key, key]),
      )
    },
  },
  {
    id: 'handles-agree',
    name: 'MUST let every handle see what another has acknowledged',
    covers: ['REV-02'],
    async run(fixture) {
      const [one, other] = [await fixture.open(), await fixture.open()]
      await assertLive(other, identity(), 'nothing was revoked')
      await one.revoke({ kind: 'session', issuer: ISSUER, sid: 'session-1', retention: RETENTION })
      await assertRevoked(other, identity(), 'by another handle')
      await assertRevoked(await fixture.open(), identity(), 'before this handle was opened')
      await other.revoke({ kind: 'subject', issuer: ISSUER, sub: 'bob', retention: RETENTION })
      assert.equal((await one.readEpoch(ISSUER, 'bob')).epoch, 1)
      const [page, later] = [await one.readSince(0, 10), await other.readSince(0, 10)]
      assert.deepEqual({ ...page, now: later.now }, later)
      assertMoment(fixture, later.now, page.now)
    },
  },
]

function tokenRevocation(jti: string, now: number): Revocation {
  return { kind: 'token', issuer: ISSUER, jti, expiresAt: Math.floor(now / 1000) + RETENTION }
}
