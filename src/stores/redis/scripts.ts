import { answerOf, type Clients, closeAll, within } from './connection.ts'
import { KEY_NAMES, SCRIPT, SCRIPT_SHA } from './lua/script.ts'
import { Rounds } from './rounds.ts'
import type { RedisSettings } from './settings.ts'
import type { Standing } from './standing.ts'

/** What the script answers while it is not done with mending the log. */
const MENDING = 'mending'

/** How long replicas get, as a part of `commandTimeout`: a write may come when another's wait has just begun, and has to have its own. */
const PATIENCE = 0.4

/** Runs the store's script: reads over one connection, and writes, where replicas have to have them, over another. */
export class Scripts {
  readonly #clients: Clients
  readonly #standing: Standing
  readonly #settings: RedisSettings
  readonly #keys: readonly string[]
  readonly #rounds: Rounds
  #isClosed = false

  constructor(clients: Clients, standing: Standing, settings: RedisSettings) {
    this.#clients = clients
    this.#standing = standing
    this.#settings = settings
    this.#keys = KEY_NAMES.map((name) => `${settings.prefix}${name}`)
    const { replicas, commandTimeout } = settings
    const patience = Math.max(1, Math.floor(commandTimeout * PATIENCE))
    this.#rounds = new Rounds({
      replicas,
      wait: () => within(commandTimeout, () => clients.writer.wait(replicas, patience)),
    })
  }

  /** For what writes nothing, or nothing that anybody is told of. */
  read<Answer>(operation: string, given: object): Promise<Answer> {
    return answerOf(this.#settings, () => this.#run<Answer>(this.#clients.reader, operation, given))
  }

  /** Whether the store can be read, and could keep a write. */
  ping(): Promise<void> {
    const { reader } = this.#clients
    return answerOf(this.#settings, async () => {
      await this.#run(reader, 'ping', {})
      await this.#standing.assertNow(reader)
    })
  }

  /** Resolves when as many replicas have it as have to; it is not sent to a server that would lose it. */
  write<Answer>(operation: string, given: object): Promise<Answer> {
    const run = async (): Promise<Answer> => {
      await this.#standing.assertForWrite()
      return this.#run(this.#clients.writer, operation, given)
    }
    const { replicas, commandTimeout } = this.#settings
    return answerOf(this.#settings, () =>
      replicas === 0 ? run() : this.#rounds.add(() => within(commandTimeout, run)),
    )
  }

  close(): void {
    this.#isClosed = true
    closeAll(this.#clients)
  }

  async #run<Answer>(client: Clients['reader'], operation: string, given: object): Promise<Answer> {
    if (this.#isClosed) throw new Error('the Redis store is closed')
    const { prefix, clockShift, commandTimeout, replicas } = this.#settings
    const values = [operation, JSON.stringify(given), String(clockShift()), prefix, String(replicas)]
    const script = { keys: [...this.#keys], arguments: values }
    const deadline = performance.now() + commandTimeout * 0.8
    for (;;) {
      const answer = await client.evalSha(SCRIPT_SHA, script).catch((error: unknown) => {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
        return client.eval(SCRIPT, script)
      })
      if (answer !== MENDING) return JSON.parse(String(answer)) as Answer
      if (performance.now() > deadline) {
        throw new Error('the log of revocations was cut by hand, and is made whole again before all else')
      }
    }
  }
}
