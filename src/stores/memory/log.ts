import type { LogEntry, LogPage, Revocation } from '../../core/blocklist.ts'
import type { State } from './state.ts'

/** A line to write; its position is the log's to give. */
export type NewEntry = Omit<LogEntry, 'position'>

/** Writes a line at the end, unless the key has one that reaches as far. */
export function append(state: State, { kind, issuer, key, epoch, expiresAt }: NewEntry): void {
  const known = state.listed[kind].get(issuer, key)
  if (known !== undefined && known.expiresAt >= expiresAt && known.epoch >= epoch) return
  if (known !== undefined) state.log.delete(known.position)
  state.head += 1
  const until = Math.max(expiresAt, known?.expiresAt ?? expiresAt)
  const entry = Object.freeze({ position: state.head, kind, issuer, key, epoch, expiresAt: until })
  state.log.set(entry.position, entry)
  state.listed[kind].set(issuer, key, entry)
}

export function isListed(
  { listed }: State,
  kind: Revocation['kind'],
  issuer: string,
  key: string,
  now: number,
): boolean {
  const entry = listed[kind].get(issuer, key)
  return entry !== undefined && entry.expiresAt > now
}

export function readLog(state: State, position: number, limit: number, now: number): LogPage {
  const { head } = state
  if (position >= head) return { entries: [], head, now }
  const after = [...state.log.values()].filter((entry) => entry.position > position && entry.expiresAt > now)
  return { entries: after.slice(0, limit), head, now }
}

/** Removes expired lines, the oldest first. */
export function purgeLog({ log, listed }: State, limit: number, now: number): number {
  const expired = [...log.values()].filter((entry) => entry.expiresAt <= now)
  const oldest = expired.sort((one, other) => one.expiresAt - other.expiresAt).slice(0, limit)
  for (const { position, kind, issuer, key } of oldest) {
    log.delete(position)
    listed[kind].delete(issuer, key)
  }
  return oldest.length
}
