import { Listeners } from '../listeners.ts'
import { type Client, newClient } from './connection.ts'
import type { RedisSettings } from './settings.ts'

/** Hears of what is appended over one connection of its own, which is there while somebody listens. */
export class Hints {
  readonly #settings: RedisSettings
  readonly #listeners = new Listeners()
  #client: Client | undefined
  #retry: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(settings: RedisSettings) {
    this.#settings = settings
  }

  add(wake: () => void): () => void {
    const remove = this.#listeners.add(wake)
    if (this.#listeners.size === 1) this.#connect()
    return () => {
      remove()
      if (this.#listeners.size === 0) this.#disconnect()
    }
  }

  close(): void {
    this.#isClosed = true
    this.#disconnect()
  }

  #connect(): void {
    if (this.#isClosed || this.#listeners.size === 0) return
    const client = newClient(this.#settings)
    this.#client = client
    // Something may have been written while nobody listened; the driver subscribes again by itself.
    client.on('ready', () => {
      client.unref()
      this.#listeners.call()
    })
    client
      .connect()
      .then(() => client.subscribe(`${this.#settings.prefix}appended`, () => this.#listeners.call()))
      .catch(() => {
        if (client !== this.#client) return
        this.#disconnect()
        this.#retry = setTimeout(() => this.#connect(), 500).unref()
      })
  }

  #disconnect(): void {
    clearTimeout(this.#retry)
    const client = this.#client
    this.#client = undefined
    if (client?.isOpen === true) client.destroy()
  }
}
