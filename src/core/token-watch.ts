import pLimit from 'p-limit'
import { Expiries } from './expiries.ts'
import { loggable } from './logger.ts'
import { type Refusal, refuse } from './refusal.ts'
import { Replica, type Revoked } from './replica/replica.ts'
import { identityOf, type RevocationCheck, type Verified } from './revocation.ts'
import type { Settings } from './settings.ts'

/** Milliseconds within which the log is followed where `maxStaleness` is 0, which nothing that waits to be told can keep. */
const FOLLOWED_WITHIN = 500
/** Tokens about which the callback is asked at the same time. */
const ASKED_AT_ONCE = 16
/** What the names of single tokens begin with. */
const TOKEN = 'token:'

/** What following tokens needs of an instance. */
export interface TokenWatchParts {
  readonly settings: Settings
  readonly revocation: RevocationCheck
  /** This process's copy of the revocations, where the store is across a network. */
  readonly replica: Replica | undefined
}

/** Somebody who goes on by a token for as long as it is good. */
interface Holder {
  readonly token: Verified
  readonly context: unknown
  /** Is told why it is over. */
  readonly ended: (refusal: Refusal) => void
}

/**
 * Tells when tokens end, revoked by any process or expired, to whoever goes on by one for longer than a check holds.
 *
 * Those who wait cost nothing: the store's log is followed once for all of them, and there is one timer. Only the callback cannot tell, so it is asked about each
 * token every `callbackInterval`.
 */
export class TokenWatch {
  readonly #parts: TokenWatchParts
  /** By each name that a token can be revoked by. */
  readonly #holders = new Map<string, Set<Holder>>()
  readonly #expiries: Expiries<Holder>
  #log: Replica | undefined
  #endLog: (() => void) | undefined
  #asking: NodeJS.Timeout | undefined
  #size = 0
  #isStopped = false

  constructor(parts: TokenWatchParts) {
    this.#parts = parts
    const { clock } = parts.settings
    this.#expiries = new Expiries({ clock, expired: (holder) => this.#end(holder, refuse('TOKEN_EXPIRED')) })
  }

  /** How many wait. */
  get size(): number {
    return this.#size
  }

  /**
   * Calls a function once when a token, which a check let pass before, has ended; before this returns, where that is known already.
   *
   * @param context what the callback is handed
   * @returns what ends the waiting
   */
  onEnd(token: Verified, context: unknown, ended: (refusal: Refusal) => void): () => void {
    if (this.#isStopped) return () => undefined
    const log = this.#follow()
    const holder: Holder = { token, context, ended }
    this.#size += 1
    for (const name of namesOf(token)) {
      const holders = this.#holders.get(name) ?? new Set()
      this.#holders.set(name, holders.add(holder))
    }
    this.#expiries.add(holder, this.#overAt(token))
    // What the log told between the check and now was told to nobody.
    if (log.knows(identityOf(token.claims))) this.#end(holder, refuse('TOKEN_REVOKED'))
    else this.#askRegularly()
    return () => void this.#forget(holder)
  }

  /** From here on nobody is told anything. */
  stop(): void {
    this.#isStopped = true
    this.#endLog?.()
    if (this.#log !== this.#parts.replica) this.#log?.stop()
    this.#expiries.stop()
    clearInterval(this.#asking)
    this.#holders.clear()
  }

  /** A store without a network between is asked by each check itself, and followed from the first who waits. */
  #follow(): Replica {
    if (this.#log !== undefined) return this.#log
    const { settings, replica } = this.#parts
    const maxStaleness = settings.maxStaleness || FOLLOWED_WITHIN
    this.#log = replica ?? new Replica(settings.blocklist, { ...settings, maxStaleness })
    this.#endLog = this.#log.onEntries((revoked) => this.#hear(revoked))
    return this.#log
  }

  #hear({ kind, issuer, key, epoch }: Revoked): void {
    for (const holder of [...(this.#holders.get(nameOf(kind, issuer, key)) ?? [])]) {
      if (kind === 'subject' && holder.token.claims.ue >= epoch) continue
      this.#end(holder, refuse('TOKEN_REVOKED'))
    }
  }

  /** As long as anybody waits. A callback can be set later than that. */
  #askRegularly(): void {
    const { settings, revocation } = this.#parts
    if (this.#asking !== undefined) return
    let isAsking = false
    this.#asking = setInterval(async () => {
      if (isAsking || revocation.callback === undefined) return
      isAsking = true
      await this.#askAll()
      isAsking = false
    }, settings.callbackInterval).unref()
  }

  /** An answer that is not to be had ends nothing: no event passes without one. */
  async #askAll(): Promise<void> {
    const limit = pLimit(ASKED_AT_ONCE)
    const { revocation } = this.#parts
    const ask = async (holders: ReadonlySet<Holder>): Promise<void> => {
      const [holder] = holders
      if (holder === undefined) return
      const answer = await revocation.askCallback(holder.token, holder.context)
      if (answer === true || answer.reason !== 'TOKEN_REVOKED') return
      for (const each of [...holders]) this.#end(each, answer)
    }
    const tokens = [...this.#holders].filter(([name]) => name.startsWith(TOKEN))
    await Promise.all(tokens.map(([, holders]) => limit(() => ask(holders))))
  }

  #end(holder: Holder, refusal: Refusal): void {
    if (!this.#forget(holder)) return
    try {
      holder.ended(refusal)
    } catch (error) {
      this.#parts.settings.logger.error({ err: loggable(error) }, 'what waited for the end of a token failed')
    }
  }

  #forget(holder: Holder): boolean {
    let isKnown = false
    for (const name of namesOf(holder.token)) {
      const holders = this.#holders.get(name)
      if (holders?.delete(holder) === true) isKnown = true
      if (holders?.size === 0) this.#holders.delete(name)
    }
    if (!isKnown) return false
    this.#expiries.remove(holder, this.#overAt(holder.token))
    this.#size -= 1
    if (this.#size > 0) return true
    clearInterval(this.#asking)
    this.#asking = undefined
    return true
  }

  #overAt({ claims }: Verified): number {
    return claims.exp + this.#parts.settings.leeway
  }
}

function namesOf({ claims }: Verified): readonly string[] {
  const { issuer, jti, sid, sub } = identityOf(claims)
  return [nameOf('token', issuer, jti), nameOf('session', issuer, sid), nameOf('subject', issuer, sub)]
}

/** Lengths tell where an issuer ends, so no two names are the same text. */
function nameOf(kind: Revoked['kind'], issuer: string, key: string): string {
  return `${kind}:${issuer.length}:${issuer}${key}`
}
