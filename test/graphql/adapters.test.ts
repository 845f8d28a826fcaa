import type { GraphQLSchema } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { describe, expect, test } from 'vitest'
import { authxPlugin } from '../../src/graphql/adapters/apollo.ts'
import { authxOptions } from '../../src/graphql/adapters/graphql-http.ts'
import { withAuthX } from '../../src/graphql/adapters/graphql-ws.ts'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import type { AuthX } from '../../src/index.ts'
import { guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

/** How each begins to serve a schema. Mercurius protects its schema by itself. */
const ADAPTERS: Readonly<Record<string, (authx: AuthX, schema: GraphQLSchema) => unknown>> = {
  useAuthX: (authx, schema) => createYoga({ schema, plugins: [useAuthX(authx)] }),
  authxPlugin: (authx, schema) => authxPlugin(authx).serverWillStart({ schema }),
  authxOptions: (authx, schema) => authxOptions(authx, { schema }),
  withAuthX: (authx, schema) => withAuthX(authx, { schema }),
}

const TYPES = 'type Query { open: String secret: String @auth } type Subscription { ticks: Int @auth }'

describe.each(Object.entries(ADAPTERS))('%s', (name, begin) => {
  const start = async (authx: AuthX, schema: GraphQLSchema) => void (await begin(authx, schema))

  test('refuses what is no AuthX instance', async () => {
    const schema = guarded(openAuthX().authx, TYPES)
    for (const given of [undefined, null, {}, { schema }]) {
      await expect(start(given as never, schema)).rejects.toThrow(
        `${name}: first argument: an AuthX instance`,
      )
    }
  })

  test('refuses a schema that another instance protected', async () => {
    const { authx } = openAuthX()
    const schema = guarded(openAuthX().authx, TYPES)
    await expect(start(authx, schema)).rejects.toThrow(
      'Query.secret: was protected by another AuthX instance',
    )
    await expect(start(authx, authx.protect(schema))).resolves.toBeUndefined()
  })

  test('takes a schema of its own that another instance protected as well', async () => {
    const { authx } = openAuthX()
    const schema = openAuthX().authx.protect(guarded(authx, TYPES))
    await expect(start(authx, schema)).resolves.toBeUndefined()
  })

  test('takes a schema without a rule from whomever', async () => {
    const schema = guarded(openAuthX().authx, 'type Query { open: String }')
    await expect(start(openAuthX().authx, schema)).resolves.toBeUndefined()
  })
})
