import type { SocketLimitSettings } from './settings.ts'

/** A connection that counts. */
export interface TakenPlace {
  /** To be called once, when it is closed. */
  readonly giveBack: () => void
}

/** How many WebSockets may be open: anybody can open one, and each costs memory until it is closed. */
export class SocketLimit {
  readonly #settings: SocketLimitSettings
  readonly #bySource = new Map<string, number>()
  #open = 0

  constructor(settings: SocketLimitSettings) {
    this.#settings = settings
  }

  /** Takes a place for a connection from an address. Where there is none: with which status it is refused. */
  take(source: string): TakenPlace | '429 Too Many Requests' | '503 Service Unavailable' {
    const { total, bySource } = this.#settings
    const own = this.#bySource.get(source) ?? 0
    if (own >= bySource) return '429 Too Many Requests'
    if (this.#open >= total) return '503 Service Unavailable'
    this.#open += 1
    this.#bySource.set(source, own + 1)
    return { giveBack: () => this.#giveBack(source) }
  }

  #giveBack(source: string): void {
    this.#open -= 1
    const left = (this.#bySource.get(source) ?? 1) - 1
    if (left > 0) this.#bySource.set(source, left)
    else this.#bySource.delete(source)
  }
}
