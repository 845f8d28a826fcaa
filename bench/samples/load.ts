import { createInterface } from 'node:readline'
import autocannon from 'autocannon'
import type { Tokens } from '../contest.ts'
import { BODY, checkAnswers, headersOf } from '../measure/answers.ts'
import type { Order } from '../measure/pace.ts'
import { cpuSecondsOf } from './cpu.ts'

/** What it is told of one server. */
interface Asked extends Order {
  readonly url: string
  readonly guards: boolean
  readonly pid: number
}

const tokens = JSON.parse(process.env.BENCH_TOKENS ?? '') as Tokens

/** Load for so many milliseconds of the server's CPU; of the clock, where the system does not tell those. The requests in a second of it. */
async function fire({ url, pid }: Asked, milliseconds: number): Promise<number> {
  const began = cpuSecondsOf(pid)
  const taken = (): number => (cpuSecondsOf(pid) ?? Number.NaN) - (began ?? 0)
  const { promise, resolve, reject } = Promise.withResolvers<autocannon.Result>()
  const instance = autocannon(
    {
      url,
      connections: 32,
      sampleInt: 100,
      // Where others take the CPU, it takes longer; not for ever.
      duration: began === undefined ? milliseconds / 1000 : 20 + milliseconds / 50,
      requests: tokens.good.map((token) => ({ method: 'POST', headers: headersOf(token), body: BODY })),
    },
    (error, result) => (error ? reject(error) : resolve(result)),
  )
  const timer = setInterval(() => taken() * 1000 >= milliseconds && instance.stop(), 5)
  const { errors, non2xx, requests, duration } = await promise
  clearInterval(timer)
  if (errors > 0 || non2xx > 0) throw new Error(`${errors} errors, ${non2xx} answers that are not 2xx`)
  return requests.total / (began === undefined ? duration : taken())
}

/** Asks a server whether it does its work right, or for as much of it as it can do. */
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as Asked
  const { url, guards, milliseconds } = asked
  if (milliseconds === undefined) await checkAnswers(url, guards, tokens)
  const figure = milliseconds === undefined ? 0 : await fire(asked, milliseconds)
  console.log(JSON.stringify({ figure }))
}
