import assert from 'node:assert/strict'
import type { TokenIdentity } from '../core/blocklist.ts'
import type {
  CreatedSession,
  NewSession,
  Rotation,
  RotationRequest,
  SessionRecord,
  SessionStore,
} from '../core/session-store.ts'
import { ISSUER, identity } from './clause.ts'

/** Seconds that the contract's sessions live unless they are refreshed. */
export const IDLE = 2000
/** Seconds that they live at most. */
export const ABSOLUTE = 9000
/** Seconds that the entry of an ended one is kept. */
export const RETENTION = 1025
/** Milliseconds in which a spent refresh token gets its successor again. */
export const GRACE = 10_000

/** Opens `session-1` of `ada`, but for what a clause says otherwise. */
export function createSession(
  store: SessionStore,
  differing: Partial<NewSession> = {},
): Promise<CreatedSession> {
  return store.createSession({
    issuer: ISSUER,
    sid: 'session-1',
    sub: 'ada',
    idleTtl: IDLE,
    absoluteTtl: ABSOLUTE,
    device: null,
    address: null,
    ...differing,
  })
}

/** Presents the refresh token of a generation. */
export function rotate(
  store: SessionStore,
  generation: number,
  token: Partial<TokenIdentity> = {},
  differing: Partial<RotationRequest> = {},
): Promise<Rotation> {
  return store.rotateSession({
    identity: identity({ jti: `refresh-${generation}`, ...token }),
    generation,
    grace: GRACE,
    idleTtl: IDLE,
    retention: RETENTION,
    ...differing,
  })
}

/** The session after a rotation that has to succeed. */
export async function rotated(
  rotation: Promise<Rotation>,
  status: 'rotated' | 'repeated' = 'rotated',
): Promise<SessionRecord> {
  const outcome = await rotation
  assert.equal(outcome.status, status)
  assert.ok('session' in outcome)
  return outcome.session
}

/** Asserts that a refresh token is refused, and that nothing but the status is told. */
export async function refused(
  rotation: Promise<Rotation>,
  status: 'reused' | 'revoked' | 'expired' | 'unknown',
): Promise<void> {
  assert.deepEqual(await rotation, { status })
}

/** The `sid` of the live sessions of a subject, sorted. */
export async function liveSids(store: SessionStore, sub = 'ada', issuer: string = ISSUER): Promise<string[]> {
  return (await store.listSessions(issuer, sub)).map(({ sid }) => sid).sort()
}
