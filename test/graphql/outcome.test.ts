import { GraphQLError, graphql } from 'graphql'
import { describe, expect, test } from 'vitest'
import { REASONS, type RefusalDetails, type RefusalReason, refuse } from '../../src/core/refusal.ts'
import { type HttpOutcome, outcomeOf } from '../../src/graphql/outcome.ts'
import { AuthError } from '../../src/index.ts'
import { contextFor, guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

function error(reason: RefusalReason, details?: RefusalDetails): AuthError {
  return new AuthError(refuse(reason, details))
}

/** The outcome of a result whose every field was refused for these reasons. */
function outcome(...reasons: RefusalReason[]): HttpOutcome | undefined {
  return outcomeOf({ data: null, errors: reasons.map((reason) => error(reason)) })
}

/** `401 Bearer error="invalid_token"`. */
function line(found: HttpOutcome | undefined): string {
  const headers = Object.entries(found?.headers ?? {}).map(([name, value]) => `${name}: ${value}`)
  return [found?.status ?? 'left alone', ...headers].join(' | ')
}

describe('the outcome of a result', () => {
  test('that refuses everything follows from the reason', () => {
    const reasons = Object.keys(REASONS) as RefusalReason[]
    expect(
      Object.fromEntries(reasons.map((reason) => [reason, line(outcome(reason))])),
    ).toMatchInlineSnapshot(`
      {
        "ACCESS_TOKEN_REQUIRED": "401 | WWW-Authenticate: Bearer error="invalid_token"",
        "CREDENTIALS_AMBIGUOUS": "400 | WWW-Authenticate: Bearer error="invalid_request"",
        "CREDENTIALS_WRONG": "401 | WWW-Authenticate: Bearer",
        "CSRF_MISMATCH": "403",
        "CSRF_MISSING": "403",
        "FRESH_TOKEN_REQUIRED": "401 | WWW-Authenticate: Bearer error="invalid_token"",
        "POLICY_REFUSED": "403",
        "REALM_MISMATCH": "403",
        "REFRESH_TOKEN_REQUIRED": "401 | WWW-Authenticate: Bearer error="invalid_token"",
        "REVOCATION_UNAVAILABLE": "503 | Retry-After: 1",
        "SCOPES_MISSING": "403",
        "SUBJECT_UNKNOWN": "401 | WWW-Authenticate: Bearer error="invalid_token"",
        "TOKEN_EXPIRED": "401 | WWW-Authenticate: Bearer error="invalid_token"",
        "TOKEN_INVALID": "401 | WWW-Authenticate: Bearer error="invalid_token"",
        "TOKEN_MALFORMED": "401 | WWW-Authenticate: Bearer error="invalid_token"",
        "TOKEN_MISSING": "401 | WWW-Authenticate: Bearer",
        "TOKEN_NOT_YET_VALID": "401 | WWW-Authenticate: Bearer error="invalid_token"",
        "TOKEN_REUSED": "401 | WWW-Authenticate: Bearer error="invalid_token"",
        "TOKEN_REVOKED": "401 | WWW-Authenticate: Bearer error="invalid_token"",
        "TOO_MANY_ATTEMPTS": "429 | Retry-After: 1",
      }
    `)
  })

  test('with several refusals follows from the gravest, in whatever order they come', () => {
    const order: RefusalReason[] = [
      'REVOCATION_UNAVAILABLE',
      'TOKEN_EXPIRED',
      'SCOPES_MISSING',
      'CREDENTIALS_AMBIGUOUS',
      'TOO_MANY_ATTEMPTS',
    ]
    for (const [index, reason] of order.entries()) {
      const lesser = order.slice(index)
      expect(outcome(...lesser)).toEqual(outcome(reason))
      expect(outcome(...lesser.reverse())).toEqual(outcome(reason))
    }
  })

  test('names the scopes of the first refusal that has some, one group of them', () => {
    const scopes = [['read', 'write'], ['admin']]
    expect(
      line(outcomeOf({ data: null, errors: [error('SCOPES_MISSING', { scopes })] })),
    ).toMatchInlineSnapshot(`"403 | WWW-Authenticate: Bearer error="insufficient_scope", scope="read write""`)
  })

  test('says when to try again', () => {
    expect(
      line(outcomeOf({ errors: [error('TOO_MANY_ATTEMPTS', { retryAfter: 30 })] })),
    ).toMatchInlineSnapshot(`"429 | Retry-After: 30"`)
    expect(
      line(outcomeOf({ errors: [error('REVOCATION_UNAVAILABLE', { retryAfter: 5 })] })),
    ).toMatchInlineSnapshot(`"503 | Retry-After: 5"`)
  })

  test('is the same where the errors were formatted already, and where data is absent', () => {
    const errors = [error('TOKEN_EXPIRED').toJSON()]
    expect(outcomeOf({ errors })).toEqual(outcome('TOKEN_EXPIRED'))
    expect(outcomeOf({ data: null, errors: JSON.parse(JSON.stringify(errors)) })).toEqual(
      outcome('TOKEN_EXPIRED'),
    )
  })

  test.each([
    ['has data', { data: { secret: null }, errors: [error('TOKEN_MISSING')] }],
    ['has empty data', { data: {}, errors: [error('TOKEN_MISSING')] }],
    ['has no errors', { data: null }],
    ['has an empty list of errors', { data: null, errors: [] }],
    [
      'has an ordinary error too',
      { data: null, errors: [error('TOKEN_MISSING'), new GraphQLError('broken')] },
    ],
    ['has only ordinary errors', { data: null, errors: [new GraphQLError('broken')] }],
    [
      'has an error that only looks like ours: the code of another library, without a reason of ours',
      { data: null, errors: [new GraphQLError('no', { extensions: { code: 'UNAUTHENTICATED' } })] },
    ],
    [
      'has an error whose reason is not in the list',
      { data: null, errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'toString' } }] },
    ],
    [
      'has an error whose reason and code do not belong together',
      { data: null, errors: [{ extensions: { code: 'FORBIDDEN', reason: 'TOKEN_MISSING' } }] },
    ],
    [
      'has errors without extensions',
      { data: null, errors: [{}, { extensions: null }, { extensions: 'x' }] },
    ],
  ])("leaves the server's status alone where the result %s", (_, result) => {
    expect(outcomeOf(result as Parameters<typeof outcomeOf>[0])).toBeUndefined()
  })
})

test('no error of a refusal carries extensions.http, and none of a resolver either', async () => {
  const { authx } = openAuthX()
  const schema = guarded(authx, 'type Query { secret: String! @auth(scopes: [["read"]]) }', {
    Query: { secret: () => 's' },
  })
  for (const token of [undefined, 'garbage', await authx.createAccessToken({ sub: 'ada' })]) {
    const { errors } = await graphql({ schema, source: '{ secret }', contextValue: contextFor(authx, token) })
    expect(errors).toHaveLength(1)
    for (const { extensions } of errors ?? [])
      expect(Object.keys(extensions).sort()).toEqual(
        extensions.reason === 'SCOPES_MISSING' ? ['code', 'reason', 'scopes'] : ['code', 'reason'],
      )
  }
})
