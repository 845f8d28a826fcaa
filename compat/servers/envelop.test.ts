import { envelop, useEngine, useSchema } from '@envelop/core'
import { execute, type GraphQLError, parse, specifiedRules, subscribe, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import type { AuthXOptions } from '../../src/index.ts'
import { guarded, read } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'

const TYPES = 'type Query { open: String secret: String! @auth }'

function start(options: AuthXOptions = {}) {
  const { authx } = openAuthX(options)
  const schema = guarded(authx, TYPES, {
    Query: { open: () => 'open', secret: (_, __, { auth }) => auth.claims.sub },
  })
  const getEnveloped = envelop({
    plugins: [
      useEngine({ parse, validate, specifiedRules, execute, subscribe }),
      useSchema(schema),
      useAuthX(authx),
    ],
  })
  return {
    authx,
    async ask(query: string, token?: string) {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const request = new Request('http://localhost/graphql', { method: 'POST', headers })
      const enveloped = getEnveloped({ request, params: { query } })
      const document = enveloped.parse(query)
      const errors = enveloped.validate(enveloped.schema, document)
      const contextValue = await enveloped.contextFactory()
      const result =
        errors.length > 0
          ? { errors: errors as GraphQLError[] }
          : await enveloped.execute({ schema: enveloped.schema, document, contextValue })
      return { ...read(result), status: authx.serving.outcomeOf(result)?.status }
    },
  }
}

describe('useAuthX in plain envelop', () => {
  test('judges by the request in the context, and the outcome is asked for', async () => {
    const { ask, authx } = start()
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await ask('{ open }')).toMatchObject({ data: { open: 'open' }, status: undefined })
    expect(await ask('{ secret }')).toMatchObject({ refused: ['secret: TOKEN_MISSING'], status: 401 })
    expect(await ask('{ secret }', token)).toMatchObject({ data: { secret: 'ada' }, status: undefined })
    await authx.revoke({ token })
    expect(await ask('{ secret }', token)).toMatchObject({ refused: ['secret: TOKEN_REVOKED'], status: 401 })
  })

  test('refuses whole operations, and withholds hints', async () => {
    const { ask } = start({ enforcement: 'operation', introspection: 'caller' })
    expect(await ask('{ open secret }')).toMatchObject({ refused: ['TOKEN_MISSING'], status: 401 })
    expect(JSON.stringify(await ask('{ secre }'))).not.toContain('Did you mean')
  })
})
