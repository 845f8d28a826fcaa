import { describe, expect, test } from 'vitest'
import { AuthError, type AuthXContext, ConfigurationError } from '../../src/index.ts'
import { contextFor, guarded, inProcess } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const TYPES = 'type Query { name: String @auth  other: Boolean @auth  plain: Boolean @auth }'
const resolvers = {
  Query: {
    name: async (_: unknown, __: unknown, { auth }: { auth: { subject(): Promise<{ name: string }> } }) =>
      (await auth.subject()).name,
    other: async (_: unknown, __: unknown, { auth }: { auth: { subject(): Promise<unknown> } }) =>
      (await auth.subject()) !== null,
    plain: () => true,
  },
}

async function open(...options: Parameters<typeof openAuthX>) {
  const instance = openAuthX(...options)
  const api = await inProcess(instance.authx, guarded(instance.authx, TYPES, resolvers))
  return { ...instance, api, token: await instance.authx.createAccessToken({ sub: 'ada' }) }
}

describe('context.auth.subject()', () => {
  test('is loaded once per request, and only when it is asked for', async () => {
    const asked: string[] = []
    const { authx, api, token } = await open()
    authx.setSubjectGetter(async (sub) => {
      asked.push(sub)
      return { name: 'Ada' }
    })
    expect((await api.query('{ plain }', { token })).data).toEqual({ plain: true })
    expect(asked).toEqual([])
    const { data } = await api.query('{ name again: name other }', { token })
    expect(data).toEqual({ name: 'Ada', again: 'Ada', other: true })
    expect(asked).toEqual(['ada'])
    await api.query('{ name }', { token })
    expect(asked).toEqual(['ada', 'ada'])
  })

  test('is never asked for a token that is refused', async () => {
    const asked: string[] = []
    const { authx, api, token } = await open({ subject: (sub) => asked.push(sub) })
    await authx.revoke({ token })
    expect((await api.query('{ name }', { token })).refused).toEqual(['name: TOKEN_REVOKED'])
    expect(asked).toEqual([])
  })

  test('gets the verified claims and the context', async () => {
    const { authx, token } = await open({ subject: (_sub, details) => details })
    const context = contextFor(authx, token) as AuthXContext
    const auth = await context.auth.check()
    const { claims, context: given } = (await auth.subject()) as { claims: unknown; context: unknown }
    expect(claims).toBe(auth.claims)
    expect(given).toBeTypeOf('object')
  })

  test.each([null, undefined])('REF-13, S88: a subject that is %s is gone', async (nobody) => {
    const { api, token } = await open({ subject: () => nobody })
    expect((await api.query('{ name plain }', { token })).refused).toEqual(['name: SUBJECT_UNKNOWN'])
  })

  test.each([0, '', false])('%j is a subject like any other', async (subject) => {
    const { api, token } = await open({ subject: () => subject })
    expect((await api.query('{ other }', { token })).data).toEqual({ other: true })
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('SELECT * FROM secrets')
      },
    ],
    ['rejects', () => Promise.reject(new Error('SELECT * FROM secrets'))],
  ])('S89: a getter that %s is masked, also without a server that masks, and logged', async (_, subject) => {
    const { api, token, log } = await open({ subject })
    expect((await api.query('{ name }', { token })).refused).toEqual(['name: Unexpected error.'])
    expect(log.lines).toEqual([expect.stringMatching(/^error the subject getter failed .*SELECT/)])
  })

  test('a getter may refuse in our voice', async () => {
    const subject = () => {
      throw new AuthError('POLICY_REFUSED')
    }
    const { api, token, log } = await open({ subject })
    expect((await api.query('{ name }', { token })).refused).toEqual(['name: POLICY_REFUSED'])
    expect(log.lines).toEqual([])
  })

  test('S87: is an error of configuration where nothing loads it', async () => {
    const { authx, token } = await open()
    const auth = await (contextFor(authx, token) as AuthXContext).auth.check()
    await expect(auth.subject()).rejects.toThrow(ConfigurationError)
    await expect(auth.subject()).rejects.toThrow(
      'set authx.setSubjectGetter((sub) => …) or the option `subject`',
    )
  })

  test('cannot be asked for before a rule or a check has vouched for the token', async () => {
    const { authx, token } = await open({ subject: () => 'ada' })
    const { auth } = contextFor(authx, token) as unknown as { auth: { subject(): Promise<unknown> } }
    await expect(auth.subject()).rejects.toThrow(
      'context.auth.subject() was read where no rule vouches for it',
    )
  })
})

test('setSubjectGetter takes functions only, answers with the one it got, and replaces the option', async () => {
  const { authx, api, token } = await open({ subject: () => ({ name: 'before' }) })
  const getter = () => ({ name: 'after' })
  expect(authx.setSubjectGetter(getter)).toBe(getter)
  expect((await api.query('{ name }', { token })).data).toEqual({ name: 'after' })
  expect(() => authx.setSubjectGetter('ada' as never)).toThrow(TypeError)
  expect(() => openAuthX({ subject: {} as never })).toThrow('subject: must be a function')
})
