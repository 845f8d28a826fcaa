import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
import type { Tokens } from '../contest.ts'
import { USER } from '../fixture.ts'
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
const requests = tokens.good.map(
  (token) => ({ method: 'POST', headers: headersOf(token), body: BODY }) as const,
)
const CONNECTIONS = 32
/** Milliseconds that a server may take for what is left once all is answered, such as closing connections. */
const SETTLING = 5
/** Of each server, the requests for a millisecond, as the last turn has it. */
const paces = new Map<string, number>()

/** A turn of so many milliseconds of the server's CPU; of the clock, where the system does not tell those. The requests in a second of it. */
async function fire({ url, pid }: Asked, milliseconds: number): Promise<number> {
  const now = (): number => (cpuSecondsOf(pid) ?? performance.now() / 1000) * 1000
  const began = now()
  let taken = 0
  let total = 0
  // The first turn of a server finds out how many requests one is. Later ones are right at once, or nearly so.
  while (taken < 0.8 * milliseconds) {
    const amount = Math.max(4 * CONNECTIONS, Math.round((paces.get(url) ?? 0) * (milliseconds - taken)))
    await ask(url, amount)
    await sleep(SETTLING)
    total += amount
    taken = now() - began
    paces.set(url, total / taken)
  }
  return (1000 * total) / taken
}

/** So many requests, each answered before this ends, and right. */
function ask(url: string, amount: number): Promise<void> {
  let connections = 0
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, { errors, non2xx, mismatches, requests }: autocannon.Result): void => {
      const wrong = {
        errors,
        mismatches,
        'answers that are not 2xx': non2xx,
        missing: amount - requests.total,
      }
      const found = Object.entries(wrong).filter(([, count]) => count > 0)
      if (error === null && found.length === 0) resolve()
      else reject(error ?? new Error(found.map(([what, count]) => `${count} ${what}`).join(', ')))
    }
    autocannon(
      {
        url,
        amount,
        connections: CONNECTIONS,
        // It looks whether it is done as often as it takes samples.
        sampleInt: 10,
        requests,
        verifyBody: (body) => String(body).includes(USER.email),
        // Or all connections would bring the same tokens in step.
        setupClient(client) {
          const first = Math.round((connections++ * requests.length) / CONNECTIONS)
          client.setRequests([...requests.slice(first), ...requests.slice(0, first)])
        },
      },
      done,
    )
  })
}

/** Asks a server whether it does its work right, or for as much of it as it can do. */
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as Asked
  const { url, guards, milliseconds } = asked
  if (milliseconds === undefined) await checkAnswers(url, guards, tokens)
  const figure = milliseconds === undefined ? 0 : await fire(asked, milliseconds)
  console.log(JSON.stringify({ figure }))
}
