import { createInterface } from 'node:readline'
import { load, type MakeWork, type SectionName } from '../contest.ts'
import type { Order } from '../measure/pace.ts'
import { ownCpu } from './cpu.ts'

/** One contestant of `micro` or `executor`, until it is killed. For each order the microseconds of CPU that its work takes once, or its check. */
const [section = 'micro', at = ''] = process.argv.slice(2)
const work = await (await load<MakeWork>(section as SectionName, at))()
await work.check()
const isAsync = work.run() instanceof Promise
/** How often between two looks at the clock, which cost more than the smallest work: for some 5 ms. */
let atOnce = 1

async function repeat(milliseconds: number): Promise<number> {
  const began = ownCpu()
  let times = 0
  let taken = 0
  while (taken < milliseconds) {
    if (isAsync) for (let count = 0; count < atOnce; count += 1) await work.run()
    else for (let count = 0; count < atOnce; count += 1) work.run()
    times += atOnce
    taken = ownCpu() - began
  }
  atOnce = Math.max(1, Math.round((5 * times) / taken))
  return taken / times
}

for await (const line of createInterface({ input: process.stdin })) {
  const { milliseconds } = JSON.parse(line) as Order
  if (milliseconds === undefined) await work.check()
  const once = milliseconds === undefined ? 0 : await repeat(milliseconds)
  console.log(JSON.stringify({ figure: once * 1000 }))
}
