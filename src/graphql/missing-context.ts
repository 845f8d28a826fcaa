import type { Logger } from '../core/logger.ts'

/**
 * Something asked by the rules of an instance, and no adapter of it had been there. A plain error, so that servers mask it, and nothing to tell in it, for those that
 * do not. Yoga and Apollo Server take the status out and use it; without it they answer 200.
 */
export class MissingContextError extends Error {
  readonly extensions = { http: { status: 500 } }

  constructor() {
    super('Unexpected error.')
  }
}

/** Says it to whoever can mend it: the client is told nothing. */
export function logMissingContext(logger: Logger, what: string, where: object = {}): void {
  logger.error(
    where,
    `${what} without the context of this AuthX instance; add its plugin to the server (useAuthX for Yoga; docs/servers.md has the others)`,
  )
}
