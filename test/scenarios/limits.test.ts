import { afterEach, expect, test, vi } from 'vitest'
import { type Login, RIGHT, startApp } from '../harness/app.ts'

afterEach(() => void vi.useRealTimers())

const fate = ({ status, retryAfter }: Login) => (retryAfter === undefined ? status : [status, retryAfter])

test('S99: with two tries a minute the third is told how much of the minute is left, and other accounts and sources go on', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_750_000_000_000 })
  await using app = await startApp({
    env: { AUTHX_LOGIN_TRIES: '2', AUTHX_LOGIN_WINDOW: '60', AUTHX_TRUST_PROXY: '1' },
  })
  const here = '192.0.2.1'
  expect(fate(await app.login('ada', 'wrong', here))).toBe(401)
  vi.advanceTimersByTime(15_000)
  expect(fate(await app.login('ada', 'wrong', here))).toBe(401)
  // AuthX names the whole window, whatever is over of it.
  expect(fate(await app.login('ada', RIGHT, here))).toEqual([429, 45])
  expect(fate(await app.login('nobody', 'wrong', here))).toBe(401)
  expect(fate(await app.login('ada', RIGHT, '198.51.100.1'))).toBe(200)
  vi.advanceTimersByTime(45_000)
  expect(fate(await app.login('ada', RIGHT, here))).toBe(200)
})
