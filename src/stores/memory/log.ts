import type { LogEntry, LogPage, Revocation } from '../../core/blocklist.ts'
import { nameOf, type State } from './state.ts'

/** A line to write; its position is the log's to give. */
export type NewEntry = Omit<LogEntry, 'position'>

/** Writes a line at the end, unless the key has one that reaches as far. */
export function append(state: State, { kind, issuer, key, epoch, expiresAt }: NewEntry): void {
  const name = nameOfEntry(kind, issuer, key)
  const known = state.log.get(name)
  if (known !== undefined && known.expiresAt >= expiresAt && known.epoch >= epoch) return
  state.log.delete(name)
  state.head += 1
  const until = Math.max(expiresAt, known?.expiresAt ?? expiresAt)
  state.log.set(name, Object.freeze({ position: state.head, kind, issuer, key, epoch, expiresAt: until }))
}

export function isListed(
  state: State,
  kind: Revocation['kind'],
  issuer: string,
  key: string,
  now: number,
): boolean {
  const entry = state.log.get(nameOfEntry(kind, issuer, key))
  return entry !== undefined && entry.expiresAt > now
}

function nameOfEntry(kind: Revocation['kind'], issuer: string, key: string): string {
  return `${kind}:${nameOf(issuer, key)}`
}

export function readLog(state: State, position: number, limit: number, now: number): LogPage {
  const { head } = state
  if (position >= head) return { entries: [], head, now }
  const after = [...state.log.values()].filter((entry) => entry.position > position && entry.expiresAt > now)
  return { entries: after.slice(0, limit), head, now }
}

/** Removes expired lines, the oldest first. */
export function purgeLog(state: State, limit: number, now: number): number {
  const expired = [...state.log].filter(([, entry]) => entry.expiresAt <= now)
  const oldest = expired.sort(([, one], [, other]) => one.expiresAt - other.expiresAt).slice(0, limit)
  for (const [name] of oldest) state.log.delete(name)
  return oldest.length
}
