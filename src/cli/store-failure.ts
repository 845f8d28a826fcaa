import { ConfigurationError } from '../core/configuration-error.ts'
import { AuthError } from '../graphql/auth-error.ts'
import { storeName } from '../server/database.ts'
import { quiet } from './log.ts'

/** Faults of ours or of whoever wrote a module: their stack is wanted. */
const MISTAKES = [TypeError, RangeError, ReferenceError, SyntaxError]

/** What stores say, in their servers' words, and what mends it; the first that fits. */
const MENDS: readonly (readonly [RegExp, string])[] = [
  [
    /\b42501\b|permission denied|NOPERM/,
    'grant this user what docs/stores.md lists, or name the user that serves',
  ],
  [/NOAUTH|WRONGPASS|\b28P01\b|\b28000\b/, 'set the user and the password in AUTHX_DATABASE_URL right'],
  [/\bOOM\b/, 'its memory is full; raise maxmemory'],
  [/READONLY/, 'this is a replica; name the primary'],
  [/SQLITE_FULL|disk is full|\b53100\b|ENOSPC/, 'free some space on its disk'],
  [/locked|SQLITE_BUSY/, 'try again once the other process is done'],
  [
    /E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_)|ENOTFOUND|no answer|not to be read|closed|terminat|\b57P0\d\b|\b53300\b/i,
    'see that it runs and that this machine reaches it, then try again; what was to be written may or may not be',
  ],
]

/**
 * What a command fails with, as the one line that an operator can act on. What is not the store's comes back as it is.
 *
 * @param url of the store; its password does not get into the line
 */
export function storeFailure(error: unknown, url: string): unknown {
  if (error instanceof ConfigurationError || MISTAKES.some((mistake) => error instanceof mistake))
    return error
  if (error instanceof AuthError && error.code !== 'SERVICE_UNAVAILABLE') return error
  const problem = error instanceof AuthError ? (quiet.cause ?? error.message) : messageOf(error)
  const name = storeName(url)
  const named = problem.startsWith(`${name}: `) ? problem : `${name}: ${problem}`
  const [, mend] = MENDS.find(([words]) => words.test(problem)) ?? []
  return new ConfigurationError(mend === undefined ? named : `${named}; ${mend}`, { cause: error })
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error)
}
