import { load, type MakeWork, type SectionName } from '../contest.ts'
import type { Pace } from '../measure/pace.ts'
import { ownCpu } from './cpu.ts'

/** Of one contestant of `micro` or `executor`, after its check: the milliseconds of CPU that its work takes once. */
const [section = 'micro', at = '', pace = '{}'] = process.argv.slice(2)
const { warmUp, measured } = JSON.parse(pace) as Pace

const work = await (await load<MakeWork>(section as SectionName, at))()
await work.check()
const isAsync = work.run() instanceof Promise

/** For so many milliseconds, the clock read now and then: it costs more than the smallest work. */
async function repeat(milliseconds: number, atOnce: number): Promise<{ times: number; taken: number }> {
  const began = ownCpu()
  let times = 0
  let taken = 0
  while (taken < milliseconds) {
    if (isAsync) for (let count = 0; count < atOnce; count += 1) await work.run()
    else for (let count = 0; count < atOnce; count += 1) work.run()
    times += atOnce
    taken = ownCpu() - began
  }
  return { times, taken }
}

const { times, taken } = await repeat(warmUp, 1)
// Some 5 ms between two looks at the clock.
const atOnce = Math.max(1, Math.round((5 * times) / taken))
const result = await repeat(measured, atOnce)
await work.check()
console.log(JSON.stringify({ milliseconds: result.taken / result.times }))
process.exit()
