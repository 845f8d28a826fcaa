import type { Kysely, Selectable } from 'kysely'
import type { NewSession, OpenSession, Rotation, RotationRequest } from '../../core/session-store.ts'
import { judgeRotation, openRow, ROW_LEEWAY, recordOf, type SessionRow } from '../rotation.ts'
import { isRevoked, readEpoch, revoke } from './blocklist.ts'
import type { Database, SessionTable } from './tables.ts'

export async function createSession(
  trx: Kysely<Database>,
  session: NewSession,
  now: number,
): Promise<OpenSession> {
  const row = openRow(session, now)
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
    })
    .execute()
  return opened(trx, row, now)
}

export async function rotateSession(
  trx: Kysely<Database>,
  request: RotationRequest,
  now: number,
): Promise<Rotation> {
  const { identity, retention } = request
  if (await isRevoked(trx, identity, now)) return { status: 'revoked' }
  const { issuer, sid } = identity
  const ruling = judgeRotation(await findRow(trx, issuer, sid), request, now)
  if (ruling.status === 'reused') await revoke(trx, { kind: 'session', issuer, sid, retention }, now)
  if (!('row' in ruling)) return ruling
  if (ruling.status === 'rotated') await updateRow(trx, ruling.row)
  return { status: ruling.status, ...(await opened(trx, ruling.row, now)) }
}

/** Removes rows that no token can meet any more, the oldest first. */
export async function purgeSessions(trx: Kysely<Database>, limit: number, now: number): Promise<number> {
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

async function opened(trx: Kysely<Database>, row: SessionRow, now: number): Promise<OpenSession> {
  return { session: recordOf(row), epoch: await readEpoch(trx, row.issuer, row.sub), now }
}

function rowOf(row: Selectable<SessionTable>): SessionRow {
  const { issuer, sid, sub, generation } = row
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
  }
}
