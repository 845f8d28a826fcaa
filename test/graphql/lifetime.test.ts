import { expect, test } from 'vitest'
import type { Refusal } from '../../src/core/refusal.ts'
import { refuse } from '../../src/core/refusal.ts'
import type { Verified } from '../../src/core/revocation.ts'
import { Lifetime } from '../../src/graphql/lifetime.ts'

test('what is granted by two tokens ends with either, also where issuers gave both the same jti', () => {
  const tokenOf = (iss: string) => ({ claims: { iss, jti: 'one' } }) as Verified
  const [access, refresh] = [tokenOf('a'), tokenOf('b')]
  const enders = new Map<string | undefined, (refusal: Refusal) => void>()
  const told: Refusal[] = []
  const ends = {
    onEnd(token: Verified, _context: unknown, ended: (refusal: Refusal) => void) {
      expect(enders.has(token.claims.iss)).toBe(false)
      enders.set(token.claims.iss, ended)
      return () => undefined
    },
  }
  const lifetime = new Lifetime({
    tokenWatch: ends,
    context: {},
    held: () => [{ ...access }, { ...refresh }],
  })
  lifetime.onEnd((refusal) => told.push(refusal))
  lifetime.follow()
  enders.get('b')?.(refuse('TOKEN_REVOKED'))
  expect(told).toEqual([refuse('TOKEN_REVOKED')])
})
