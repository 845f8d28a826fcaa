import autocannon from 'autocannon'
import type { Tokens } from '../contest.ts'
import { BODY, checkAnswers, headersOf } from '../measure/answers.ts'
import type { Pace } from '../measure/pace.ts'
import { cpuSecondsOf } from './cpu.ts'

interface Asked extends Pace {
  readonly url: string
  readonly guards: boolean
  readonly pid: number
}

/** Asks a server whether it does its work right, then for as much of it as it can do. */
const { url, guards, pid, warmUp, measured } = JSON.parse(process.argv[2] ?? '') as Asked
const tokens = JSON.parse(process.env.BENCH_TOKENS ?? '') as Tokens

/** Load for so many milliseconds of the server's CPU; of the clock, where the system does not tell those. */
async function fire(milliseconds: number): Promise<number> {
  const began = cpuSecondsOf(pid)
  const taken = (): number => (cpuSecondsOf(pid) ?? Number.NaN) - (began ?? 0)
  const { promise, resolve, reject } = Promise.withResolvers<autocannon.Result>()
  const instance = autocannon(
    {
      url,
      connections: 32,
      sampleInt: 100,
      // Where others take the CPU, it takes longer; not for ever.
      duration: (began === undefined ? 1 : 20) * (milliseconds / 1000),
      requests: tokens.good.map((token) => ({ method: 'POST', headers: headersOf(token), body: BODY })),
    },
    (error, result) => (error ? reject(error) : resolve(result)),
  )
  const timer = setInterval(() => taken() * 1000 >= milliseconds && instance.stop(), 10)
  const { errors, non2xx, requests, duration } = await promise
  clearInterval(timer)
  if (errors > 0 || non2xx > 0) throw new Error(`${errors} errors, ${non2xx} answers that are not 2xx`)
  return requests.total / (began === undefined ? duration : taken())
}

await checkAnswers(url, guards, tokens)
await fire(warmUp)
const rate = await fire(measured)
await checkAnswers(url, guards, tokens)
console.log(JSON.stringify({ rate }))
process.exit()
