import { describe, expect, test, vi } from 'vitest'
import { decode } from '../harness/forge.ts'
import { openAuthX } from '../harness/instance.ts'
import { start, summary } from '../harness/yoga.ts'

describe('a token that was put on a list after it had been used', () => {
  test.each([
    ['S28', 'secret', 'createAccessToken'],
    ['S29', 'refresh', 'createRefreshToken'],
  ] as const)('%s: opens the field %s no more', async (_, field, create) => {
    await using server = await start()
    const revoked = new Set<unknown>()
    server.authx.setTokenBlocklistCallback((_, { claims }) => revoked.has(claims.jti))
    const token = await server.authx[create]({ sub: 'ada' })
    const bystander = await server.authx[create]({ sub: 'ada' })
    const ask = async (by: string) => summary(await server.send({ query: `{ ${field} }` }, { token: by }))
    expect(await ask(token)).toEqual({ status: 200, data: { [field]: 'answer' }, reasons: undefined })
    revoked.add(decode(token, 1).jti)
    expect(await ask(token)).toEqual({
      status: 401,
      challenge: 'Bearer error="invalid_token"',
      data: null,
      reasons: ['TOKEN_REVOKED'],
    })
    expect((await ask(bystander)).status).toBe(200)
  })
})

describe('S31: without a callback', () => {
  test('S31: a good token passes, and nobody is warned: there is a blocklist all the same', async () => {
    await using server = await start()
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    const ask = async () => summary(await server.send({ query: '{ secret }' }, { token }))
    expect(await ask()).toMatchObject({ status: 200, data: { secret: 'answer' } })
    expect([server.store.calls.includes('isRevoked'), server.log.lines]).toEqual([true, []])
    await server.authx.revoke({ token })
    expect(await ask()).toMatchObject({ status: 401, reasons: ['TOKEN_REVOKED'] })
  })

  test('S31: nothing turns the blocklist off: an instance without a store keeps one in memory', async () => {
    const { authx } = openAuthX({ blocklist: undefined as never })
    const token = await authx.createAccessToken({ sub: 'ada' })
    await expect(authx.verify(token)).resolves.toMatchObject({ sub: 'ada' })
    await authx.revoke({ token })
    await expect(authx.verify(token)).rejects.toMatchObject({ reason: 'TOKEN_REVOKED' })
    for (const off of [false, null, 'none']) {
      expect(() => openAuthX({ blocklist: off as never })).toThrow('blocklist: not a store')
    }
  })
})

test('S37: the callback is asked about verified tokens alone, so never about none and never about an empty one', async () => {
  await using server = await start()
  const callback = server.authx.setTokenBlocklistCallback(vi.fn(() => false))
  const ask = async (headers: Record<string, string>) =>
    (await summary(await server.send({ query: '{ secret }' }, { headers }))).reasons
  expect(await ask({})).toEqual(['TOKEN_MISSING'])
  expect(await ask({ authorization: 'Bearer ' })).toEqual(['TOKEN_MALFORMED'])
  for (const none of ['', null, undefined]) {
    await expect(server.authx.verify(none as string)).rejects.toMatchObject({ reason: 'TOKEN_MALFORMED' })
  }
  expect(callback).not.toHaveBeenCalled()
  expect(await ask({ authorization: `Bearer ${await server.authx.createAccessToken({ sub: 'ada' })}` })).toBe(
    undefined,
  )
  expect(callback).toHaveBeenCalledTimes(1)
})
