import { Client, type ClientConfig } from 'pg'
import { Listeners } from '../listeners.ts'
import type { Hints } from '../sql/shared-access.ts'
import { CHANNEL } from './language.ts'

/** Milliseconds before the first try to connect again; each pause is twice the one before. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5000
/** Milliseconds between two looks at whether the connection still answers: a lost one does not say so by itself. */
const PULSE = 5000

/** Hears of writers' notifications over one connection beside the pool, which is there while somebody listens. */
export class LogListener implements Hints {
  readonly #config: ClientConfig
  readonly #listeners = new Listeners()
  #client: Client | undefined
  #timer: NodeJS.Timeout | undefined
  #pause = FIRST_PAUSE
  #isClosed = false

  constructor(config: ClientConfig) {
    this.#config = config
  }

  add(wake: () => void): () => void {
    const remove = this.#listeners.add(wake)
    if (this.#listeners.size === 1) this.#connect()
    return () => {
      remove()
      if (this.#listeners.size === 0) this.#disconnect()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#disconnect()
  }

  #connect(): void {
    if (this.#isClosed || this.#listeners.size === 0) return
    const client = new Client(this.#config)
    this.#client = client
    const lost = () => this.#reconnect(client)
    client.on('error', lost)
    client.on('end', lost)
    client.on('notification', () => this.#listeners.call())
    client
      .connect()
      .then(() => client.query(`listen ${CHANNEL}`))
      .then(() => this.#heard(client), lost)
  }

  /** Something may have been written while nobody listened. */
  #heard(client: Client): void {
    if (client !== this.#client) return
    // Whoever only waits for hints may end.
    const quiet = client as Client & { unref(): void }
    quiet.unref()
    this.#pause = FIRST_PAUSE
    this.#pulse(client)
    this.#listeners.call()
  }

  #pulse(client: Client): void {
    this.#later(PULSE, () => {
      client.query('').then(
        () => client === this.#client && this.#pulse(client),
        () => this.#reconnect(client),
      )
    })
  }

  #reconnect(client: Client): void {
    if (client !== this.#client) return
    this.#disconnect()
    if (this.#isClosed || this.#listeners.size === 0) return
    this.#later(this.#pause, () => this.#connect())
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE)
  }

  #later(milliseconds: number, work: () => void): void {
    this.#timer = setTimeout(work, milliseconds).unref()
  }

  #disconnect(): void {
    clearTimeout(this.#timer)
    const client = this.#client
    this.#client = undefined
    // It may be connecting, or lost; either way nothing is waited for.
    client?.end().catch(() => undefined)
  }
}
