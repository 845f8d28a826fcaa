import type { Revocation, TokenIdentity } from '../../core/blocklist.ts'
import type { SessionRow } from '../rotation.ts'
import { append, isListed } from './log.ts'
import type { State } from './state.ts'

/** Writes the revocation, and ends the sessions it is about. */
export function revoke(state: State, revocation: Revocation, now: number): void {
  const { kind, issuer } = revocation
  if (kind === 'token') {
    append(state, { kind, issuer, key: revocation.jti, epoch: 0, expiresAt: revocation.expiresAt * 1000 })
    return
  }
  if (kind === 'session') {
    const { sid: key, retention, retentionWithSession = retention } = revocation
    const row = state.sessions.get(issuer, key)
    markEnded(state, row, now)
    const seconds = row === undefined ? retention : retentionWithSession
    append(state, { kind, issuer, key, epoch: 0, expiresAt: now + seconds * 1000 })
    return
  }
  const { sub, retention } = revocation
  const known = readEpoch(state, issuer, sub)
  const epoch = Math.max(known, revocation.epoch ?? known + 1)
  if (epoch > known) {
    for (const row of state.sessions.values()) {
      if (row.issuer === issuer && row.sub === sub) markEnded(state, row, now)
    }
    state.epochs.set(issuer, sub, epoch)
  }
  append(state, { kind, issuer, key: sub, epoch, expiresAt: now + retention * 1000 })
}

/** The row of an ended session answers too: a refresh token lives longer than the entry in the log. */
export function isRevoked(state: State, { issuer, jti, sid, sub, ue }: TokenIdentity, now: number): boolean {
  return (
    isListed(state, 'token', issuer, jti, now) ||
    isListed(state, 'session', issuer, sid, now) ||
    typeof state.sessions.get(issuer, sid)?.endedAt === 'number' ||
    ue < readEpoch(state, issuer, sub)
  )
}

export function readEpoch(state: State, issuer: string, sub: string): number {
  return state.epochs.get(issuer, sub) ?? 0
}

function markEnded(state: State, row: SessionRow | undefined, now: number): void {
  if (row?.endedAt === null) state.sessions.set(row.issuer, row.sid, { ...row, endedAt: now })
}
