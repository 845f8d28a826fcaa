import type { LogEntry } from '../blocklist.ts'
import type { Entries, Name } from './entries.ts'
import { type NamedLine, untilOf } from './line.ts'

/** Something that this process ended, durably. */
export interface Ending extends Name {
  readonly kind: 'token' | 'session'
  /** How long the store keeps it at most: milliseconds from now, or until a moment since the epoch by its clock. */
  readonly kept: { readonly atMost: number } | { readonly until: number }
}

/** An ending that no poll has confirmed. */
interface Unconfirmed extends Ending {
  /** The last poll that began before the store had acknowledged it. */
  readonly after: number
  /** What the log says of its expiry, in a line's units; 0 while it says nothing. */
  until: number
}

/**
 * What was ended through this process is refused by this process at once, not when the log brings it.
 *
 * Until a poll that began later has read the log to its end, nobody here knows when the store will let go of it; so it is held that long.
 */
export class OwnEndings {
  readonly #entries: Entries
  readonly #unconfirmed = new Map<string, Unconfirmed>()

  constructor(entries: Entries) {
    this.#entries = entries
  }

  /**
   * Notes an ending that was just acknowledged.
   *
   * @param after the number of the last poll that began
   * @returns whether it refuses more than was refused before
   */
  note(ending: Ending, after: number): boolean {
    const name = nameOf(ending)
    const known = this.#entries.find(ending)
    const until = this.#unconfirmed.get(name)?.until ?? known?.until ?? 0
    this.#unconfirmed.set(name, { ...ending, after, until })
    this.#entries.hold(ending)
    return known === undefined
  }

  /** Is told of every line of the log. */
  hear(entry: LogEntry): void {
    if (this.#unconfirmed.size === 0) return
    const noted = this.#unconfirmed.get(nameOf(entry))
    if (noted !== undefined) noted.until = Math.max(noted.until, untilOf(entry.expiresAt))
  }

  /**
   * Lets go of what a poll has confirmed that read the log to its end.
   *
   * @param poll its number
   * @param now the store's clock as it read it, milliseconds since the epoch
   * @returns what the log should have had and did not: acknowledged, and lost
   */
  confirm(poll: number, now: number): readonly NamedLine[] {
    const lost: NamedLine[] = []
    for (const [name, { kind, issuer, key, after, until, kept }] of this.#unconfirmed) {
      if (after >= poll) continue
      this.#unconfirmed.delete(name)
      // It was recorded before the poll began, so it expires no later than this.
      const latest = 'until' in kept ? kept.until : now + kept.atMost
      const expiry = until === 0 ? untilOf(latest) : until
      this.#entries.release({ kind, issuer, key }, expiry)
      if (until === 0 && latest > now) lost.push({ kind, issuer, key, until: expiry, epoch: 0 })
    }
    return lost
  }
}

function nameOf({ kind, issuer, key }: Name): string {
  return JSON.stringify([kind, issuer, key])
}
