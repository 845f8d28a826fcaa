import { isOutage } from './outage.ts'

/** Where graphql-authx reports what an operator must see. A pino logger fits as it is. */
export interface Logger {
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** A run of what tokens are made of. It matches wherever it is tried, so that searching a long text stays linear. */
const tokenText = /[A-Za-z0-9_.-]+=*/g
/** Every JWT begins with the base64url of `{`: `ey`. Nearly all with `eyJ`, which no word has in it, as in `token%3DeyJ…`. */
const tokenStart = /(?<![A-Za-z0-9_])ey|eyJ/g
/** A shorter header is no header. */
const SHORTEST_HEADER = 8

/** Takes everything that looks like a JWT out of a text; what is cut off before its signature is still worth hiding. */
export function withoutTokens(text: string): string {
  return text.replace(tokenText, (run) => {
    for (const { index } of run.matchAll(tokenStart)) {
      const dot = run.indexOf('.', index)
      if (dot < 0) return run
      if (dot - index >= SHORTEST_HEADER) return `${run.slice(0, index)}[token removed]`
    }
    return run
  })
}

/**
 * An error as it may be logged: its name, message, stack and causes, with anything that looks like a token removed. What is no more than an
 * outage of somebody else's server has no stack.
 *
 * A callback of the user's may well throw `cannot look up eyJ…`; the log is no place for a working token.
 */
export function loggable(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return loggableText(error)
  return {
    name: loggableText(error.name),
    message: loggableText(error.message),
    ...(isOutage(error) ? {} : { stack: loggableText(error.stack) }),
    ...(error.cause !== undefined && depth < 4 ? { cause: loggable(error.cause, depth + 1) } : {}),
  }
}

/** Fields of an error are texts by custom only: some libraries put objects there. */
function loggableText(value: unknown): string {
  return typeof value === 'string' ? withoutTokens(value) : typeof value
}

/** The default logger: one line to stderr, through the console. */
export const consoleLogger: Logger = {
  warn: (details, message) => console.warn(`graphql-authx: ${message}`, ...shown(details)),
  error: (details, message) => console.error(`graphql-authx: ${message}`, ...shown(details)),
}

function shown(details: object): object[] {
  return Object.keys(details).length === 0 ? [] : [details]
}
