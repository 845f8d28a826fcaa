import type { NewSession, OpenSession, Rotation, RotationRequest } from '../../core/session-store.ts'
import { judgeRotation, openRow, ROW_LEEWAY, recordOf, type SessionRow } from '../rotation.ts'
import { isRevoked, readEpoch, revoke } from './blocklist.ts'
import { nameOf, type State } from './state.ts'

export function createSession(state: State, session: NewSession, now: number): OpenSession {
  const row = openRow(session, now)
  const name = nameOf(row.issuer, row.sid)
  if (state.sessions.has(name)) throw new Error('a session of this sid exists already')
  state.sessions.set(name, row)
  return opened(state, row, now)
}

export function rotateSession(state: State, request: RotationRequest, now: number): Rotation {
  const { identity, retention } = request
  if (isRevoked(state, identity, now)) return { status: 'revoked' }
  const { issuer, sid } = identity
  const name = nameOf(issuer, sid)
  const ruling = judgeRotation(state.sessions.get(name), request, now)
  if (ruling.status === 'reused') revoke(state, { kind: 'session', issuer, sid, retention }, now)
  if (!('row' in ruling)) return ruling
  if (ruling.status === 'rotated') state.sessions.set(name, ruling.row)
  return { status: ruling.status, ...opened(state, ruling.row, now) }
}

/** Removes rows that no token can meet any more, the oldest first. */
export function purgeSessions(state: State, limit: number, now: number): number {
  const over = [...state.sessions].filter(([, row]) => row.expiresAt + ROW_LEEWAY <= now)
  const oldest = over.sort(([, one], [, other]) => one.expiresAt - other.expiresAt).slice(0, limit)
  for (const [name] of oldest) state.sessions.delete(name)
  return oldest.length
}

function opened(state: State, row: SessionRow, now: number): OpenSession {
  return { session: recordOf(row), epoch: readEpoch(state, row.issuer, row.sub), now }
}
