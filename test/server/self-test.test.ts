import { expect, test, vi } from 'vitest'
import { AuthX } from '../../src/authx.ts'
import { ConfigurationError } from '../../src/core/configuration-error.ts'
import { readEnvironment } from '../../src/server/environment.ts'
import { SECRET } from '../harness/keys.ts'
import { openApp } from '../harness/test-app.ts'

const EXTENSION = {
  typeDefs: 'extend type Query { answer: Int @auth(scopes: "deep:thought") }',
  resolvers: { Query: { answer: () => 42 } },
}

const saying = (lines: readonly string[]) => lines.filter((line) => line.includes('self-test'))

test('outside production a start tries every field with a rule, those of an extension too, and says so in one line', async () => {
  await using plain = await openApp()
  await using extended = await openApp(undefined, { extend: () => EXTENSION })
  const counts = [plain, extended].map(({ lines }) =>
    saying(lines).map((line) => Number(/(\d+) fields/.exec(line)?.[1])),
  )
  expect(counts).toEqual([[expect.any(Number)], [(counts[0]?.[0] ?? 0) + 1]])
})

test('a start ends where the self-test fails, and its store is closed', async () => {
  const failing = vi
    .spyOn(AuthX.prototype, 'selfTest')
    .mockRejectedValue(new ConfigurationError('selfTest: 1 failed'))
  const closed = vi.fn(async () => {})
  try {
    await expect(openApp(() => ({ close: closed }))).rejects.toThrow('selfTest: 1 failed')
    expect(closed).toHaveBeenCalledOnce()
  } finally {
    failing.mockRestore()
  }
})

test('in production it does not run', async () => {
  await using app = await openApp(undefined, {
    settings: readEnvironment({ NODE_ENV: 'production', AUTHX_SECRET: SECRET }),
  })
  expect(saying(app.lines)).toEqual([])
})
