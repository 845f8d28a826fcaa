import { load, type MakeWork, type SectionName } from '../contest.ts'
import type { Pace } from '../measure/pace.ts'

/** Of one contestant of `micro` or `executor`, after its check: the nanoseconds that its work takes once. */
const [section = 'micro', at = '', pace = '{}'] = process.argv.slice(2)
const { warmUp, measured } = JSON.parse(pace) as Pace

const work = await (await load<MakeWork>(section as SectionName, at))()
await work.check()
const isAsync = work.run() instanceof Promise

/** For so many milliseconds, the clock read now and then: it costs as much as the smallest work. */
async function repeat(milliseconds: number, atOnce: number): Promise<{ times: number; taken: number }> {
  const began = process.hrtime.bigint()
  const end = began + BigInt(milliseconds) * 1_000_000n
  let times = 0
  let now = began
  while (now < end) {
    if (isAsync) for (let count = 0; count < atOnce; count += 1) await work.run()
    else for (let count = 0; count < atOnce; count += 1) work.run()
    times += atOnce
    now = process.hrtime.bigint()
  }
  return { times, taken: Number(now - began) }
}

const { times, taken } = await repeat(warmUp, 1)
// Some 5 ms between two looks at the clock.
const atOnce = Math.max(1, Math.round((5_000_000 * times) / taken))
const result = await repeat(measured, atOnce)
await work.check()
console.log(JSON.stringify({ nanoseconds: result.taken / result.times }))
process.exit()
