import { GraphQLError } from 'graphql'

/** An operation that was asked for and has not ended. */
interface Running {
  contextValue?: unknown
  result?: unknown
}

/** The operations of one connection, by their ids, until they have ended: graphql-ws forgets those that their client completes while they begin, and then has one for two of an id. */
export class SocketOperations {
  readonly #running = new Map<string, Running>()
  readonly #most: number

  /** @param most how many may run at the same time */
  constructor(most: number) {
    this.#most = most
  }

  /** @returns why it may not begin */
  begin(id: string): GraphQLError | undefined {
    if (this.#running.has(id)) return limited(`The operation ${id} is still ending; take another id.`)
    if (this.#running.size >= this.#most)
      return limited(`A connection may have ${this.#most} operations running; complete one first.`)
    this.#running.set(id, {})
    return undefined
  }

  prepared(id: string, contextValue: unknown): void {
    const one = this.#running.get(id)
    if (one !== undefined) one.contextValue = contextValue
  }

  answered(id: string, result: unknown): void {
    const one = this.#running.get(id)
    if (one !== undefined) one.result = result
  }

  end(id: string): void {
    this.#running.delete(id)
  }

  /** The client has left: streams return, and what is still beginning is told by its signal. */
  leave(abandon: (contextValue: unknown) => void): void {
    for (const { contextValue, result } of this.#running.values()) {
      const { return: end } = (result ?? {}) as Partial<AsyncIterator<unknown>>
      if (end !== undefined) void end.call(result)
      abandon(contextValue)
    }
    this.#running.clear()
  }
}

function limited(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } })
}
