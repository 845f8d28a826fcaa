import { describe, expect, test } from 'vitest'
import type { SubjectGetter } from '../../src/index.ts'
import { type Answer, guarded, type Server, serve } from '../harness/graphql.ts'
import { type Instance, openAuthX } from '../harness/instance.ts'

const user = (sub: string) => ({ name: sub.toUpperCase() })

/** What query builders hand out: to be awaited, and no promise. */
const thenable = (value: object): PromiseLike<object> =>
  // biome-ignore lint/suspicious/noThenProperty: the subject of the test
  ({ then: (resolve: (value: object) => void) => resolve(value) }) as PromiseLike<object>

/** A Yoga with one field that loads whom the token is for. */
async function open(subject?: SubjectGetter): Promise<Server & Instance> {
  const instance = openAuthX(subject === undefined ? {} : { subject })
  const schema = guarded(instance.authx, 'type Query { me: String! @auth }', {
    Query: { me: async (_, __, { auth }) => (await auth.subject()).name },
  })
  return Object.assign(await serve(instance.authx, schema), instance)
}

async function ask(server: Server & Instance): Promise<Answer> {
  return server.query('{ me }', { token: await server.authx.createAccessToken({ sub: 'ada' }) })
}

const ADA: Answer = { data: { me: 'ADA' }, refused: [] }

describe('the subject', () => {
  test.each<[how: string, getter: SubjectGetter]>([
    ['S85: at once', user],
    ['S85: by a promise', async (sub) => user(sub)],
    ['S85: by any thenable', (sub) => thenable(user(sub))],
  ])('%s', async (_, getter) => {
    await using server = await open(getter)
    expect(await ask(server)).toEqual(ADA)
  })

  test.each<[how: string, sync: 'callback' | 'getter']>([
    ['S34: a callback that answers at once goes with a getter that promises', 'callback'],
    ['S34: a callback that promises goes with a getter that answers at once', 'getter'],
  ])('%s', async (_, sync) => {
    await using server = await open()
    const { authx } = server
    authx.setTokenBlocklistCallback(sync === 'callback' ? () => false : async () => false)
    authx.setSubjectGetter(sync === 'getter' ? user : async (sub) => user(sub))
    expect(await ask(server)).toEqual(ADA)
    authx.setTokenBlocklistCallback(sync === 'callback' ? () => true : async () => true)
    expect((await ask(server)).refused).toEqual(['me: TOKEN_REVOKED'])
  })

  test('S86: is never loaded for a caller without an access token', async () => {
    const asked: string[] = []
    await using server = await open((sub) => {
      asked.push(sub)
      return user(sub)
    })
    expect((await server.query('{ me }')).refused).toEqual(['me: TOKEN_MISSING'])
    const token = await server.authx.createRefreshToken({ sub: 'ada' })
    expect((await server.query('{ me }', { token })).refused).toEqual(['me: ACCESS_TOKEN_REQUIRED'])
    expect(asked).toEqual([])
    expect(await ask(server)).toEqual(ADA)
    expect(asked).toEqual(['ada'])
  })

  test.each<[title: string, getter: SubjectGetter | undefined, refused: string]>([
    ['S87: a getter that was never set', undefined, 'me: INTERNAL_SERVER_ERROR'],
    ['S88: a user who is gone', () => null, 'me: SUBJECT_UNKNOWN'],
    ['S89: a getter that throws', () => Promise.reject(new Error('SELECT')), 'me: INTERNAL_SERVER_ERROR'],
  ])('%s is no answer, and shows nothing of the cause', async (_, getter, refused) => {
    await using server = await open(getter)
    const { authx } = server
    const token = await authx.createAccessToken({ sub: 'ada' })
    const text = await (await server.send({ query: '{ me }' }, { token })).text()
    expect(text).not.toMatch(/SELECT|setSubjectGetter/)
    expect(await ask(server)).toEqual({ data: null, refused: [refused] })
  })
})
