import type { NewSession, RotationRequest, SessionRecord } from '../core/session-store.ts'
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

export function openRow({ issuer, sid, sub, idleTtl, absoluteTtl }: NewSession, now: number): SessionRow {
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
  }
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
  const { sid, sub, generation, createdAt, rotatedAt, expiresAt } = row
  return { sid, sub, generation, createdAt, rotatedAt, expiresAt }
}

function advance(row: SessionRow, idleTtl: number, now: number): SessionRow {
  // Never sooner than before: a lifetime that was shortened would let the row go while a token that it has to refuse still lives.
  const expiresAt = Math.min(Math.max(now + idleTtl * 1000, row.expiresAt), row.closesAt)
  return { ...row, generation: row.generation + 1, rotatedAt: now, expiresAt }
}
