/**
 * What introspection by caller costs after the first time, as a ratio to introspection of the whole schema, on GitHub's (some 1600 types, rules at random).
 *
 *     npm --prefix compat/real-schemas ci && node bench/introspection.ts
 */
import { getIntrospectionQuery } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { createAuthX } from '../src/authx.ts'
import { useAuthX } from '../src/graphql/adapters/yoga.ts'
import { annotate, REAL_SCHEMAS, seeded } from '../test/harness/annotated-schemas.ts'
import { compare } from './compare.ts'

const secret = 'no secret at all, but long enough to be one'
const query = getIntrospectionQuery()

function api(introspection: 'full' | 'caller') {
  const authx = createAuthX({ secret, introspection })
  const schema = authx.protect(annotate(REAL_SCHEMAS[0]?.build() as never, seeded(20_250_101)))
  const yoga = createYoga({ schema, plugins: [useAuthX(authx)], logging: false })
  return { authx, yoga }
}

const full = api('full')
const caller = api('caller')
const token = await full.authx.createAccessToken({ sub: 'ada' })
const admin = await full.authx.createAccessToken({
  sub: 'ada',
  scopes: ['read', 'audit', 'admin', 'shop:orders', 'shop:all', 'staff', 'write', 'price:write'],
})

function ask({ yoga }: typeof full, bearer?: string) {
  return async (): Promise<void> => {
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify({ query }),
    })
    const { errors } = (await response.json()) as { errors?: unknown }
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
  }
}

for (const [who, bearer] of [
  ['nobody', undefined],
  ['a user', token],
  ['an admin', admin],
] as const) {
  const began = performance.now()
  await ask(caller, bearer)()
  console.log(`the first time for ${who}: ${Math.round(performance.now() - began)} ms`)
}
await compare({
  baseline: ['the whole schema', ask(full, admin)],
  others: [
    ['for an admin, who sees all of it', ask(caller, admin)],
    ['for a user', ask(caller, token)],
    ['for nobody', ask(caller)],
  ],
  rounds: 30,
})
await Promise.all([full.authx.close(), caller.authx.close()])
