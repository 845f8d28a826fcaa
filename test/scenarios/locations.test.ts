import { expect, test } from 'vitest'
import { bearerHeader } from '../../src/index.ts'
import { start, summary } from '../harness/yoga.ts'

test('S02, S21: a token in the Authorization header opens a field, however its scheme is written', async () => {
  await using server = await start()
  const token = await server.authx.createAccessToken({ sub: 'ada' })
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    const headers = { authorization: `${scheme} ${token}` }
    expect(await summary(await server.send({ query: '{ secret }' }, { headers }))).toEqual({
      status: 200,
      data: { secret: 'answer' },
      reasons: undefined,
    })
  }
})

test('S17: a header without a scheme is the token as it stands, and with one it is none', async () => {
  await using server = await start({ locations: { access: [bearerHeader({ scheme: '' })] } })
  const token = await server.authx.createAccessToken({ sub: 'ada' })
  const ask = async (authorization: string) =>
    (await summary(await server.send({ query: '{ secret }' }, { headers: { authorization } }))).reasons
  expect([await ask(token), await ask(`Bearer ${token}`)]).toEqual([undefined, ['TOKEN_MALFORMED']])
})
