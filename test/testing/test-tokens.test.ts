import { graphql } from 'graphql'
import { describe, expect, test } from 'vitest'
import { createAuthX } from '../../src/authx.ts'
import type { AuthXOptions } from '../../src/core/settings.ts'
import { contextWith, type TestToken, testClock, tokenFor } from '../../src/testing/index.ts'
import { guarded, read } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { SECRET } from '../harness/keys.ts'
import { outcome } from '../harness/outcome.ts'

const SDL = `type Query {
  who: String @auth
  edit: String @auth(scopes: "post:write", fresh: true)
  next: String @auth(type: REFRESH)
}`

/** Asks for a field in the context of somebody with this token. */
async function ask(field: string, token: TestToken | null, options: AuthXOptions = {}): Promise<unknown> {
  const { authx } = openAuthX(options)
  const who = (_: unknown, __: unknown, { auth, app }: { auth: { claims: { sub: string } }; app: string }) =>
    `${auth.claims.sub} of ${app}`
  const schema = guarded(authx, SDL, { Query: { who, edit: () => 'edited', next: () => 'next' } })
  const contextValue = await contextWith(authx, token, { app: 'shop' })
  const { data, refused } = read(await graphql({ schema, source: `{ ${field} }`, contextValue }))
  return refused[0] ?? (data as Record<string, unknown>)[field]
}

describe('contextWith', () => {
  test.each([
    ['who', { sub: 'ada' }, 'ada of shop'],
    ['who', null, 'who: TOKEN_MISSING'],
    ['who', { sub: 'ada', type: 'refresh' }, 'who: ACCESS_TOKEN_REQUIRED'],
    ['edit', { sub: 'ada', fresh: true }, 'edit: SCOPES_MISSING'],
    ['edit', { sub: 'ada', scopes: ['post:write'] }, 'edit: FRESH_TOKEN_REQUIRED'],
    ['edit', { sub: 'ada', scopes: ['post:*'], fresh: true }, 'edited'],
    ['next', { sub: 'ada', type: 'refresh' }, 'next'],
  ] as const)('%s with %o: %s', async (field, token, answer) => {
    expect(await ask(field, token)).toBe(answer)
  })

  test('is found wherever the instance looks for tokens', async () => {
    const options = { locations: { access: ['cookies'], refresh: ['json'] } } as const
    expect(await ask('who', { sub: 'ada' }, options)).toBe('ada of shop')
    expect(await ask('next', { sub: 'ada', type: 'refresh' }, options)).toBe('next')
  })

  test('leaves the context that it is given as it was', async () => {
    const own = { db: 1 }
    const context = await contextWith(openAuthX().authx, { sub: 'ada' }, own)
    expect(Object.keys(own)).toEqual(['db'])
    expect(context.db).toBe(1)
    expect((await context.auth.check()).claims.sub).toBe('ada')
  })
})

describe('tokenFor', () => {
  test('takes no type as a directive has it', async () => {
    const type = 'ACCESS' as 'access'
    await expect(tokenFor(openAuthX().authx, 'ada', { type })).rejects.toThrow(
      "type: must be 'access' or 'refresh'",
    )
  })

  test('is a token as a login makes it', async () => {
    const { authx } = openAuthX()
    const token = await tokenFor(authx, 'ada', { scopes: ['a'], fresh: true, claims: { tenant: 'x' } })
    expect(await authx.verify(token)).toMatchObject({ sub: 'ada', scope: 'a', fresh: true, tenant: 'x' })
    const refresh = await tokenFor(authx, 'ada', { type: 'refresh' })
    expect(await outcome(authx.verify(refresh, { type: 'refresh' }))).toBe('accepted')
  })

  test('refuses claims that are none', async () => {
    await expect(tokenFor(openAuthX().authx, '')).rejects.toThrow(/^sub: /)
  })
})

describe('testClock', () => {
  test('stands until it is moved, so that a token expires at once', async () => {
    const clock = testClock()
    const authx = createAuthX({ secret: SECRET, clock })
    const token = await tokenFor(authx, 'ada')
    const began = clock()
    expect(await outcome(authx.verify(token))).toBe('accepted')
    clock.advance(905)
    expect(clock()).toBe(began + 905_000)
    expect(await outcome(authx.verify(token))).toBe('TOKEN_EXPIRED')
    clock.set(began)
    expect(await outcome(authx.verify(token))).toBe('accepted')
    await authx.close()
  })
})
