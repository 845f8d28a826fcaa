import type { Plugin } from 'graphql-yoga'
import { type Logger, loggable } from '../core/logger.ts'

const MESSAGE = 'Unexpected error.'

/**
 * What fails outside of GraphQL goes to the log.
 *
 * The HTTP layer below Yoga answers with the stack of whatever is thrown at it, so it gets an error that has none.
 */
export function useLastResort(log: Pick<Logger, 'error'>): Plugin {
  return {
    instrumentation: {
      request(_, answered) {
        const fail = (error: unknown): never => {
          log.error({ error: loggable(error) }, 'a request could not be answered')
          throw Object.assign(new Error(MESSAGE), { stack: MESSAGE })
        }
        try {
          const settled = answered()
          return settled instanceof Promise ? settled.then(undefined, fail) : settled
        } catch (error) {
          return fail(error)
        }
      },
    },
  }
}
