import type { CompiledQuery, Expression, Kysely, RawBuilder, SelectQueryBuilder } from 'kysely'
import type { EpochReading, Revocation, TokenIdentity } from '../../core/blocklist.ts'
import type { SqlClock, Turn } from './access.ts'
import { append } from './log.ts'
import type { Database } from './tables.ts'

/** Writes the revocation, and ends the sessions it is about. */
export async function revoke(turn: Turn, revocation: Revocation): Promise<void> {
  const { trx, now } = turn
  const { kind, issuer } = revocation
  if (kind === 'token') {
    const { jti: key, expiresAt } = revocation
    return append(turn, { kind, issuer, key, epoch: 0, expiresAt: expiresAt * 1000 })
  }
  if (kind === 'session') {
    const { sid: key, retention, retentionWithSession = retention } = revocation
    const isKnown = (await endSessions(turn, issuer, 'sid', key)) > 0 || (await hasSession(trx, issuer, key))
    const seconds = isKnown ? retentionWithSession : retention
    return append(turn, { kind, issuer, key, epoch: 0, expiresAt: now + seconds * 1000 })
  }
  const { sub: key, retention } = revocation
  const known = await readEpoch(trx, issuer, key)
  const epoch = Math.max(known, revocation.epoch ?? known + 1)
  if (epoch > known) {
    await endSessions(turn, issuer, 'sub', key)
    await writeEpoch(trx, issuer, key, epoch, known)
  }
  return append(turn, { kind, issuer, key, epoch, expiresAt: now + retention * 1000 })
}

export async function isRevoked(
  db: Kysely<Database>,
  identity: TokenIdentity,
  now: number,
): Promise<boolean> {
  return answerOf(await revocationQuery(db, identity, now).execute())
}

/** {@link isRevoked} as of now, with the query built once: every request asks it, and building costs some four times what running does. */
export function compiledIsRevoked(
  clock: SqlClock,
): (db: Kysely<Database>, identity: TokenIdentity) => Promise<boolean> {
  let compiled: CompiledQuery<Answer> | undefined
  return async (db, identity) => {
    compiled ??= revocationQuery(db, MARKERS, clock.time(MARKERS.clock)).compile()
    const given = { ...identity, clock: clock.number() }
    const values = new Map<unknown, unknown>(
      Object.entries(MARKERS).map(([name, marker]) => [marker, given[name as keyof typeof MARKERS]]),
    )
    const parameters = compiled.parameters.map((one) => (values.has(one) ? values.get(one) : one))
    const { rows } = await db.executeQuery<Answer>({ ...compiled, parameters })
    return answerOf(rows)
  }
}

type Answer = { readonly revoked: unknown }

/** Stand for the values in a query that is built before there are any; unlike every constant in it. */
const MARKERS: TokenIdentity & { readonly clock: number } = {
  issuer: ':issuer',
  jti: ':jti',
  sid: ':sid',
  sub: ':sub',
  ue: -1,
  clock: -2,
}

/** The row of an ended session answers too: a refresh token lives longer than the entry in the log. */
function revocationQuery(
  db: Kysely<Database>,
  { issuer, jti, sid, sub, ue }: TokenIdentity,
  now: number | Expression<number>,
): SelectQueryBuilder<Database, never, Answer> {
  return db.selectNoFrom(({ or, exists, selectFrom, lit }) => {
    const listed = (kind: Revocation['kind'], key: string) =>
      selectFrom('authx_log')
        .select(lit(1).as('one'))
        .where('kind', '=', kind)
        .where('issuer', '=', issuer)
        .where('key', '=', key)
        .where('expires_at', '>', now)
    const ended = selectFrom('authx_sessions')
      .select(lit(1).as('one'))
      .where('issuer', '=', issuer)
      .where('sid', '=', sid)
      .where('ended_at', 'is not', null)
    const outdated = selectFrom('authx_epochs')
      .select(lit(1).as('one'))
      .where('issuer', '=', issuer)
      .where('sub', '=', sub)
      .where('epoch', '>', ue)
    return or([
      exists(listed('token', jti)),
      exists(listed('session', sid)),
      exists(ended),
      exists(outdated),
    ]).as('revoked')
  })
}

/** SQLite and MariaDB have no booleans of their own: 0 or 1. */
function answerOf([row]: readonly Answer[]): boolean {
  if (row === undefined) throw new Error('the question whether a token is revoked had no answer')
  return Boolean(row.revoked)
}

async function hasSession(trx: Kysely<Database>, issuer: string, sid: string): Promise<boolean> {
  const row = await trx
    .selectFrom('authx_sessions')
    .select('sid')
    .where('issuer', '=', issuer)
    .where('sid', '=', sid)
    .executeTakeFirst()
  return row !== undefined
}

export async function readEpoch(db: Kysely<Database>, issuer: string, sub: string): Promise<number> {
  const row = await db
    .selectFrom('authx_epochs')
    .select('epoch')
    .where('issuer', '=', issuer)
    .where('sub', '=', sub)
    .executeTakeFirst()
  return row?.epoch ?? 0
}

/** One statement, whose time is no later than the epoch: a revocation in between may refuse the new token, and never misses it. */
export async function readEpochAndTime(
  db: Kysely<Database>,
  issuer: string,
  sub: string,
  now: RawBuilder<number>,
): Promise<EpochReading> {
  const row = await db
    .selectNoFrom(({ selectFrom }) => [
      now.as('now'),
      selectFrom('authx_epochs')
        .select('epoch')
        .where('issuer', '=', issuer)
        .where('sub', '=', sub)
        .as('epoch'),
    ])
    .executeTakeFirstOrThrow()
  return { epoch: row.epoch ?? 0, now: row.now }
}

async function writeEpoch(
  trx: Kysely<Database>,
  issuer: string,
  sub: string,
  epoch: number,
  before: number,
): Promise<void> {
  if (before === 0) await trx.insertInto('authx_epochs').values({ issuer, sub, epoch }).execute()
  else {
    await trx
      .updateTable('authx_epochs')
      .set({ epoch })
      .where('issuer', '=', issuer)
      .where('sub', '=', sub)
      .execute()
  }
}

/** Answers with how many had not ended before. */
async function endSessions(
  { trx, now }: Turn,
  issuer: string,
  column: 'sid' | 'sub',
  value: string,
): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('authx_sessions')
    .set({ ended_at: now })
    .where('issuer', '=', issuer)
    .where(column, '=', value)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}
