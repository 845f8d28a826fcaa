import type { NewSession, RotationRequest, SessionLimit, SessionRecord } from '../core/session-store.ts'
import { CLOCK_SKEW } from '../core/settings.ts'

/** A session as a store keeps it. Times are milliseconds since the epoch by the store's clock. */
export interface SessionRow extends SessionRecord {
  readonly issuer: string
  /** The latest that a refresh can move `expiresAt` to. */
  readonly closesAt: number
  /** When it was revoked; null while it was not. */
  readonly endedAt: number | null
}

/** What the rules make of a refresh token, before anything is written. */
export type Ruling =
  | { readonly status: 'rotated' | 'repeated'; readonly row: SessionRow }
  | { readonly status: 'reused' | 'expired' | 'unknown' }

/** Milliseconds that a session's row outlives the session: until no verifier accepts its last token, however its clock and leeway are set. */
export const ROW_LEEWAY: number = (CLOCK_SKEW + 60) * 1000

export function openRow(session: NewSession, now: number): SessionRow {
  const { issuer, sid, sub, idleTtl, absoluteTtl, device, address } = session
  const closesAt = now + absoluteTtl * 1000
  const expiresAt = Math.min(now + idleTtl * 1000, closesAt)
  return {
    issuer,
    sid,
    sub,
    generation: 0,
    createdAt: now,
    rotatedAt: now,
    expiresAt,
    closesAt,
    endedAt: null,
    device,
    address,
  }
}

/** Whether a session can be refreshed still. */
export function isLive(row: SessionRow, now: number): boolean {
  return row.endedAt === null && now < row.expiresAt
}

/** The order in which a subject's sessions are listed: the one that was used last first. */
export function lastUsedFirst(one: SessionRecord, other: SessionRecord): number {
  return other.rotatedAt - one.rotatedAt || other.createdAt - one.createdAt || compare(one.sid, other.sid)
}

/** Those of a subject's live sessions that one more login ends: the oldest, by their logins. */
export function beyond({ most }: SessionLimit, live: readonly SessionRecord[]): readonly SessionRecord[] {
  const oldestFirst = live.toSorted(
    (one, other) => one.createdAt - other.createdAt || compare(one.sid, other.sid),
  )
  return oldestFirst.slice(0, Math.max(0, live.length + 1 - most))
}

/** By code units, as no locale changes. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/**
 * Decides what becomes of a refresh token that is not revoked, which a store asks first; so the row is of a session that has not been ended. The order of
 * the rules is part of the contract.
 *
 * @param row the session that the token names, if there is one
 */
export function judgeRotation(row: SessionRow | undefined, request: RotationRequest, now: number): Ruling {
  const { identity, generation, grace, idleTtl } = request
  if (row === undefined || row.sub !== identity.sub) return { status: 'unknown' }
  if (now >= row.expiresAt) return { status: 'expired' }
  if (generation === row.generation) return { status: 'rotated', row: advance(row, idleTtl, now) }
  // The row is returned as it is: a repetition that moved `rotatedAt` would keep the window open for ever.
  if (generation === row.generation - 1 && now - row.rotatedAt <= grace) return { status: 'repeated', row }
  return { status: generation < row.generation ? 'reused' : 'unknown' }
}

/** The part of a row that callers see. */
export function recordOf(row: SessionRow): SessionRecord {
  const { sid, sub, generation, createdAt, rotatedAt, expiresAt, device, address } = row
  return { sid, sub, generation, createdAt, rotatedAt, expiresAt, device, address }
}

function advance(row: SessionRow, idleTtl: number, now: number): SessionRow {
  // Never sooner than before: a lifetime that was shortened would let the row go while a token that it has to refuse still lives.
  const expiresAt = Math.min(Math.max(now + idleTtl * 1000, row.expiresAt), row.closesAt)
  return { ...row, generation: row.generation + 1, rotatedAt: now, expiresAt }
}
