import type { Expression, Kysely, Selectable } from 'kysely'
import type {
  CreatedSession,
  NewSession,
  OpenSession,
  Rotation,
  RotationRequest,
  SessionEnding,
  SessionRecord,
  SessionsEnding,
} from '../../core/session-store.ts'
import {
  beyond,
  isLive,
  judgeRotation,
  lastUsedFirst,
  openRow,
  ROW_LEEWAY,
  recordOf,
  type SessionRow,
} from '../rotation.ts'
import type { Turn } from './access.ts'
import { isRevoked, readEpoch, revoke } from './blocklist.ts'
import type { Database, SessionTable } from './tables.ts'

export async function createSession(turn: Turn, session: NewSession): Promise<CreatedSession> {
  const { trx, now } = turn
  const row = openRow(session, now)
  const ended = await makeRoom(turn, session)
  await trx
    .insertInto('authx_sessions')
    .values({
      issuer: row.issuer,
      sid: row.sid,
      sub: row.sub,
      generation: row.generation,
      created_at: row.createdAt,
      rotated_at: row.rotatedAt,
      expires_at: row.expiresAt,
      closes_at: row.closesAt,
      ended_at: row.endedAt,
      device: row.device,
      address: row.address,
    })
    .execute()
  return { ...(await opened(turn, row)), ended }
}

export async function rotateSession(turn: Turn, request: RotationRequest): Promise<Rotation> {
  const { trx, now } = turn
  const { identity, retention } = request
  if (await isRevoked(trx, identity, now)) return { status: 'revoked' }
  const { issuer, sid } = identity
  const ruling = judgeRotation(await findRow(trx, issuer, sid), request, now)
  if (ruling.status === 'reused') await revoke(turn, { kind: 'session', issuer, sid, retention })
  if (!('row' in ruling)) return ruling
  if (ruling.status === 'rotated') await updateRow(trx, ruling.row)
  return { status: ruling.status, ...(await opened(turn, ruling.row)) }
}

export async function listSessions(
  db: Kysely<Database>,
  issuer: string,
  sub: string,
  now: number | Expression<number>,
): Promise<readonly SessionRecord[]> {
  const rows = await db
    .selectFrom('authx_sessions')
    .selectAll()
    .where('issuer', '=', issuer)
    .where('sub', '=', sub)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .execute()
  return rows.map((row) => recordOf(rowOf(row))).sort(lastUsedFirst)
}

export async function listIssuers(db: Kysely<Database>, sub: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('authx_sessions')
    .select('issuer')
    .where('sub', '=', sub)
    .union(db.selectFrom('authx_epochs').select('issuer').where('sub', '=', sub))
    .execute()
  return rows.map(({ issuer }) => issuer)
}

export async function endSession(
  turn: Turn,
  { issuer, sub, sid, retention }: SessionEnding,
): Promise<boolean> {
  const { trx, now } = turn
  const row = await findRow(trx, issuer, sid)
  if (row?.sub !== sub || !isLive(row, now)) return false
  await revoke(turn, { kind: 'session', issuer, sid, retention })
  return true
}

export async function endSessions(
  turn: Turn,
  { issuer, sub, except, retention }: SessionsEnding,
): Promise<readonly string[]> {
  const { trx, now } = turn
  const live = await listSessions(trx, issuer, sub, now)
  const ended = live.map(({ sid }) => sid).filter((sid) => sid !== except)
  if (except === undefined) await revoke(turn, { kind: 'subject', issuer, sub, retention })
  else await endEach(turn, issuer, ended, retention)
  return ended
}

/** Removes rows that no token can meet any more, the oldest first. */
export async function purgeSessions({ trx, now }: Turn, limit: number): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom('authx_sessions')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('issuer', 'sid'),
        'in',
        selectFrom((inner) =>
          inner
            .selectFrom('authx_sessions')
            .select(['issuer', 'sid'])
            .where('expires_at', '<=', now - ROW_LEEWAY)
            .orderBy('expires_at')
            .limit(limit)
            .as('oldest'),
        )
          .select(['oldest.issuer', 'oldest.sid'])
          .$asTuple('issuer', 'sid'),
      ),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

async function findRow(trx: Kysely<Database>, issuer: string, sid: string): Promise<SessionRow | undefined> {
  const row = await trx
    .selectFrom('authx_sessions')
    .selectAll()
    .where('issuer', '=', issuer)
    .where('sid', '=', sid)
    .executeTakeFirst()
  return row && rowOf(row)
}

async function updateRow(trx: Kysely<Database>, row: SessionRow): Promise<void> {
  await trx
    .updateTable('authx_sessions')
    .set({ generation: row.generation, rotated_at: row.rotatedAt, expires_at: row.expiresAt })
    .where('issuer', '=', row.issuer)
    .where('sid', '=', row.sid)
    .execute()
}

/** Ends what the limit leaves no room for. */
async function makeRoom(turn: Turn, { issuer, sub, limit }: NewSession): Promise<readonly string[]> {
  if (limit === undefined) return []
  const ended = beyond(limit, await listSessions(turn.trx, issuer, sub, turn.now)).map(({ sid }) => sid)
  await endEach(turn, issuer, ended, limit.retention)
  return ended
}

async function endEach(
  turn: Turn,
  issuer: string,
  sids: readonly string[],
  retention: number,
): Promise<void> {
  for (const sid of sids) await revoke(turn, { kind: 'session', issuer, sid, retention })
}

async function opened({ trx, now }: Turn, row: SessionRow): Promise<OpenSession> {
  return { session: recordOf(row), epoch: await readEpoch(trx, row.issuer, row.sub), now }
}

function rowOf(row: Selectable<SessionTable>): SessionRow {
  const { issuer, sid, sub, generation, device, address } = row
  return {
    issuer,
    sid,
    sub,
    generation,
    createdAt: row.created_at,
    rotatedAt: row.rotated_at,
    expiresAt: row.expires_at,
    closesAt: row.closes_at,
    endedAt: row.ended_at,
    device,
    address,
  }
}
