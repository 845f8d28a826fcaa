import type { Revocation } from '../../src/core/blocklist.ts'
import type {
  NewSession,
  Rotation,
  RotationRequest,
  SessionRecord,
  SessionStore,
} from '../../src/core/session-store.ts'
import type { AuthXOptions } from '../../src/core/settings.ts'
import { NOW, settableClock } from './clock.ts'
import { openEngine, type TestEngine } from './engine.ts'
import { watchedMemory } from './instance.ts'

/** A session after its first refresh. */
export const RECORD: SessionRecord = {
  sid: 'sid',
  sub: 'ada',
  generation: 1,
  createdAt: NOW,
  rotatedAt: NOW,
  expiresAt: NOW + 1_728_000_000,
  device: null,
  address: null,
}

/** A session store that answers as it is told, and notes what it was asked. */
export function openSessions(
  rotation?: Rotation | Error,
  options: AuthXOptions = {},
): TestEngine & { readonly asked: readonly (NewSession | RotationRequest | Revocation)[] } {
  const asked: (NewSession | RotationRequest | Revocation)[] = []
  const store: SessionStore = Object.assign(Object.create(watchedMemory(settableClock())), {
    async createSession(session: NewSession) {
      asked.push(session)
      return { epoch: 2, now: NOW, session: { ...RECORD, generation: 0, sid: session.sid }, ended: [] }
    },
    async rotateSession(request: RotationRequest) {
      asked.push(request)
      if (rotation instanceof Error) throw rotation
      return rotation
    },
    async revoke(revocation: Revocation) {
      asked.push(revocation)
    },
  })
  return { ...openEngine({ sessions: store, ...options }), asked }
}
