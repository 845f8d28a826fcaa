import { expect, test } from 'vitest'
import { start, summary } from '../harness/yoga.ts'

test.each<[title: string, token: 'fresh' | 'plain' | 'refresh', field: string, answer: string]>([
  ['S43: a fresh field refuses an access token that is not fresh', 'plain', 'fresh', 'FRESH_TOKEN_REQUIRED'],
  ['S44: a fresh field refuses a refresh token for its type', 'refresh', 'fresh', 'ACCESS_TOKEN_REQUIRED'],
  ['S43: a fresh field takes a fresh token', 'fresh', 'fresh', 'answer'],
  ['S46: an ordinary field takes a fresh token', 'fresh', 'secret', 'answer'],
  ['S48: an ordinary field refuses a refresh token', 'refresh', 'secret', 'ACCESS_TOKEN_REQUIRED'],
  ['S49: a refresh field refuses a fresh token', 'fresh', 'refresh', 'REFRESH_TOKEN_REQUIRED'],
  ['S51: a refresh field takes a refresh token from the header', 'refresh', 'refresh', 'answer'],
])('%s', async (_, kind, field, answer) => {
  await using server = await start()
  const { authx } = server
  const tokens = {
    fresh: () => authx.createAccessToken({ sub: 'ada', fresh: true }),
    plain: () => authx.createAccessToken({ sub: 'ada' }),
    refresh: () => authx.createRefreshToken({ sub: 'ada' }),
  }
  const { status, data, reasons } = await summary(
    await server.send({ query: `{ ${field} }` }, { token: await tokens[kind]() }),
  )
  const expected = answer === 'answer' ? [200, { [field]: answer }, undefined] : [401, null, [answer]]
  expect([status, data, reasons]).toEqual(expected)
})
