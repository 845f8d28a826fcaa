import { AsyncLocalStorage } from 'node:async_hooks'

const addresses = new AsyncLocalStorage<string>()

/** Does the work of a request, or of a message over a WebSocket, which came from this address. */
export function calledFrom<Answer>(address: string, work: () => Answer): Answer {
  return addresses.run(address, work)
}

/**
 * Where the request came from that this is part of; null outside of any.
 *
 * For the audit log alone: what is told of a refresh, a logout or a refusal is told deep in the library, which knows no addresses. What decides anything is handed its address.
 */
export function callingAddress(): string | null {
  return addresses.getStore() ?? null
}
