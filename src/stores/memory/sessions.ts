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
import { isRevoked, readEpoch, revoke } from './blocklist.ts'
import type { State } from './state.ts'

export function createSession(state: State, session: NewSession, now: number): CreatedSession {
  const row = openRow(session, now)
  if (state.sessions.get(row.issuer, row.sid) !== undefined)
    throw new Error('a session of this sid exists already')
  const ended = makeRoom(state, session, now)
  state.sessions.set(row.issuer, row.sid, row)
  return { ...opened(state, row, now), ended }
}

export function rotateSession(state: State, request: RotationRequest, now: number): Rotation {
  const { identity, retention } = request
  if (isRevoked(state, identity, now)) return { status: 'revoked' }
  const { issuer, sid } = identity
  const ruling = judgeRotation(state.sessions.get(issuer, sid), request, now)
  if (ruling.status === 'reused') revoke(state, { kind: 'session', issuer, sid, retention }, now)
  if (!('row' in ruling)) return ruling
  if (ruling.status === 'rotated') state.sessions.set(issuer, sid, ruling.row)
  return { status: ruling.status, ...opened(state, ruling.row, now) }
}

export function listSessions(
  state: State,
  issuer: string,
  sub: string,
  now: number,
): readonly SessionRecord[] {
  return state.sessions
    .values()
    .filter((row) => row.issuer === issuer && row.sub === sub && isLive(row, now))
    .map(recordOf)
    .sort(lastUsedFirst)
}

export function listIssuers(state: State, sub: string): readonly string[] {
  const ofSessions = state.sessions.values().filter((row) => row.sub === sub)
  return [...new Set([...ofSessions.map(({ issuer }) => issuer), ...state.epochs.issuersOf(sub)])]
}

export function endSession(
  state: State,
  { issuer, sub, sid, retention }: SessionEnding,
  now: number,
): boolean {
  const row = state.sessions.get(issuer, sid)
  if (row?.sub !== sub || !isLive(row, now)) return false
  revoke(state, { kind: 'session', issuer, sid, retention }, now)
  return true
}

export function endSessions(
  state: State,
  { issuer, sub, except, retention }: SessionsEnding,
  now: number,
): readonly string[] {
  const live = listSessions(state, issuer, sub, now).map(({ sid }) => sid)
  const ended = live.filter((sid) => sid !== except)
  if (except === undefined) revoke(state, { kind: 'subject', issuer, sub, retention }, now)
  else for (const sid of ended) revoke(state, { kind: 'session', issuer, sid, retention }, now)
  return ended
}

/** Removes rows that no token can meet any more, the oldest first. */
export function purgeSessions(state: State, limit: number, now: number): number {
  const over = state.sessions.values().filter((row) => row.expiresAt + ROW_LEEWAY <= now)
  const oldest = over.sort((one, other) => one.expiresAt - other.expiresAt).slice(0, limit)
  for (const { issuer, sid } of oldest) state.sessions.delete(issuer, sid)
  return oldest.length
}

/** Ends what the limit leaves no room for. */
function makeRoom(state: State, { issuer, sub, limit }: NewSession, now: number): readonly string[] {
  if (limit === undefined) return []
  const { retention } = limit
  const ended = beyond(limit, listSessions(state, issuer, sub, now)).map(({ sid }) => sid)
  for (const sid of ended) revoke(state, { kind: 'session', issuer, sid, retention }, now)
  return ended
}

function opened(state: State, row: SessionRow, now: number): OpenSession {
  return { session: recordOf(row), epoch: readEpoch(state, row.issuer, row.sub), now }
}
