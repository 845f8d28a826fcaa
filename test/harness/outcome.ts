import { expect } from 'vitest'
import type { AuthX } from '../../src/authx.ts'
import { AuthError } from '../../src/graphql/auth-error.ts'

/** The reason why a promise rejects, or `accepted`. */
export const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (error: unknown) => {
      expect(error).toBeInstanceOf(AuthError)
      return (error as AuthError).reason
    },
  )

/** What becomes of the two tokens of a pair. */
export const fates = async (
  authx: AuthX,
  pair: { accessToken: string; refreshToken: string },
): Promise<readonly string[]> => [
  await outcome(authx.verify(pair.accessToken)),
  await outcome(authx.verify(pair.refreshToken, { type: 'refresh' })),
]
