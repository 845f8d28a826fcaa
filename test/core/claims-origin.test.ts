import { describe, expect, test } from 'vitest'
import { Codec } from '../../src/core/codec.ts'
import { Refusal } from '../../src/core/refusal.ts'
import type { AuthXOptions } from '../../src/core/settings.ts'
import { cases } from '../harness/cases.ts'
import { forge, type Part } from '../harness/forge.ts'
import { testSettings } from '../harness/instance.ts'

/** What a codec with these options says to an access token with these claims, whose signature holds. */
function outcome(payload: Part, options: AuthXOptions = {}): string {
  const verified = new Codec(testSettings(options)).verify(forge({ payload }))
  return verified instanceof Refusal ? verified.reason : 'accepted'
}

describe('CLM-04', () => {
  const issuer = 'https://login.example'

  test.each([
    [issuer, 'accepted'],
    [undefined, 'TOKEN_INVALID'],
    [null, 'TOKEN_INVALID'],
    ['', 'TOKEN_INVALID'],
    [[issuer], 'TOKEN_INVALID'],
    [{ 0: issuer }, 'TOKEN_INVALID'],
    [`${issuer}/`, 'TOKEN_INVALID'],
    [`${issuer}.evil.example`, 'TOKEN_INVALID'],
    [issuer.slice(0, -1), 'TOKEN_INVALID'],
    [issuer.toUpperCase(), 'TOKEN_INVALID'],
    [` ${issuer}`, 'TOKEN_INVALID'],
  ])('CLM-04, S79: where the issuer is set, iss %o is %s', (iss, expected) => {
    expect(outcome({ iss }, { issuer })).toBe(expected)
  })

  test('CLM-04, S79: without an issuer iss is not asked for, but it is still a text', () => {
    expect([issuer, undefined, [issuer], 5].map((iss) => outcome({ iss }))).toEqual([
      'accepted',
      'accepted',
      'TOKEN_INVALID',
      'TOKEN_INVALID',
    ])
  })
})

describe('CLM-05', () => {
  test.each([
    ['api', 'accepted'],
    ['web', 'accepted'],
    [['other', 'api'], 'accepted'],
    [undefined, 'TOKEN_INVALID'],
    [null, 'TOKEN_INVALID'],
    [[], 'TOKEN_INVALID'],
    ['', 'TOKEN_INVALID'],
    ['other', 'TOKEN_INVALID'],
    ['API', 'TOKEN_INVALID'],
    ['api2', 'TOKEN_INVALID'],
    ['ap', 'TOKEN_INVALID'],
    ['.*', 'TOKEN_INVALID'],
    ['api web', 'TOKEN_INVALID'],
    [['api', 5], 'TOKEN_INVALID'],
    [[['api']], 'TOKEN_INVALID'],
    [{ 0: 'api', length: 1 }, 'TOKEN_INVALID'],
  ])('CLM-05, S78: where audiences are set, aud %o is %s', (aud, expected) => {
    expect(outcome({ aud }, { audience: ['api', 'web'] })).toBe(expected)
  })

  test.each(cases('api', '', [], null))(
    'CLM-05, S78: without an audience, a token with aud %o is refused',
    (aud) => {
      expect(outcome({ aud })).toBe('TOKEN_INVALID')
    },
  )
})
