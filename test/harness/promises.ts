import { createHook } from 'node:async_hooks'
import { fileURLToPath } from 'node:url'

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url))

/** The promises that are made while something runs. */
export async function promisesOf(run: () => Promise<unknown>): Promise<number> {
  return (await madeDuring(run, () => true)).length
}

/** Those of them that our sources make themselves: the functions that do. */
export async function ownPromisesOf(run: () => Promise<unknown>): Promise<string[]> {
  const calls = await madeDuring(run, (call) => call.includes(SOURCES))
  return calls.map((call) => /^\s*at (?:new |async )?(\S+)/.exec(call)?.[1] ?? call)
}

/** The innermost call of whatever makes a promise, for those that count. */
async function madeDuring(run: () => Promise<unknown>, counts: (call: string) => boolean): Promise<string[]> {
  const made: string[] = []
  const hook = createHook({
    init(_, type) {
      if (type !== 'PROMISE') return
      // Behind the message there are this hook and Node's own calls of it.
      const calls = (new Error('made').stack ?? '').split('\n').slice(2)
      const call = calls.find((one) => !/node:internal|\(<anonymous>\)$/.test(one)) ?? ''
      if (counts(call)) made.push(call)
    },
  })
  hook.enable()
  try {
    await run()
  } finally {
    hook.disable()
  }
  return made
}
