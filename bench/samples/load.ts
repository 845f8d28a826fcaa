import autocannon from 'autocannon'
import type { Tokens } from '../contest.ts'
import { BODY, checkAnswers, headersOf } from '../measure/answers.ts'
import type { Pace } from '../measure/pace.ts'

interface Asked extends Pace {
  readonly url: string
  readonly guards: boolean
}

/** Asks a server whether it does its work right, then for as much of it as it can do. */
const { url, guards, warmUp, measured } = JSON.parse(process.argv[2] ?? '') as Asked
const tokens = JSON.parse(process.env.BENCH_TOKENS ?? '') as Tokens

async function fire(milliseconds: number): Promise<autocannon.Result> {
  const result = await autocannon({
    url,
    connections: 32,
    sampleInt: 100,
    duration: milliseconds / 1000,
    requests: tokens.good.map((token) => ({ method: 'POST', headers: headersOf(token), body: BODY })),
  })
  if (result.errors > 0 || result.non2xx > 0) {
    throw new Error(`${result.errors} errors, ${result.non2xx} answers that are not 2xx`)
  }
  return result
}

await checkAnswers(url, guards, tokens)
await fire(warmUp)
const used = process.cpuUsage()
const began = performance.now()
const result = await fire(measured)
const took = performance.now() - began
const { user, system } = process.cpuUsage(used)
await checkAnswers(url, guards, tokens)
console.log(
  JSON.stringify({
    rate: (result.requests.total * 1000) / (result.duration * 1000),
    /** Near 1 the load is what was measured, not the server. */
    busy: (user + system) / 1000 / took,
  }),
)
process.exit()
