/** Where graphql-authx reports what an operator must see. A pino logger fits as it is. */
export interface Logger {
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

// Every JWT begins with the base64url of `{"`, and what is cut off before its signature is still worth hiding.
const tokenLike = /\bey[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){1,4}=*/g

/** Takes everything that looks like a JWT out of a text. */
export function withoutTokens(text: string): string {
  return text.replace(tokenLike, '[token removed]')
}

/**
 * An error as it may be logged: its name, message, stack and causes, with anything that looks like a token removed.
 *
 * A callback of the user's may well throw `cannot look up eyJ…`; the log is no place for a working token.
 */
export function loggable(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? withoutTokens(error) : typeof error
  return {
    name: error.name,
    message: withoutTokens(error.message),
    stack: withoutTokens(error.stack ?? ''),
    ...(error.cause !== undefined && depth < 4 ? { cause: loggable(error.cause, depth + 1) } : {}),
  }
}

/** The default logger: one line to stderr, through the console. */
export const consoleLogger: Logger = {
  warn: (details, message) => console.warn(`graphql-authx: ${message}`, details),
  error: (details, message) => console.error(`graphql-authx: ${message}`, details),
}
