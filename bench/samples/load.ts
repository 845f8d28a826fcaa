import { deepStrictEqual } from 'node:assert/strict'
import autocannon from 'autocannon'
import type { Tokens } from '../contest.ts'
import { QUERY, USER } from '../fixture.ts'
import type { Pace } from '../measure/pace.ts'

interface Asked extends Pace {
  readonly url: string
  readonly guards: boolean
}

/** Asks a server whether it does its work right, then for as much of it as it can do. */
const { url, guards, warmUp, measured } = JSON.parse(process.argv[2] ?? '') as Asked
const tokens = JSON.parse(process.env.BENCH_TOKENS ?? '') as Tokens
const body = JSON.stringify({ query: QUERY })
const headersOf = (token?: string): Record<string, string> => ({
  'content-type': 'application/json',
  accept: 'application/json',
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
})

async function ask(token?: string): Promise<{ data?: unknown; errors?: unknown }> {
  const response = await fetch(url, { method: 'POST', headers: headersOf(token), body })
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    return { errors: text }
  }
}

async function check(): Promise<void> {
  for (const token of [tokens.good[0], tokens.good.at(-1)])
    deepStrictEqual(await ask(token), { data: { member: USER } })
  if (!guards) return
  for (const [which, token] of [
    ['no', undefined],
    ['a revoked', tokens.revoked],
    ['a forged', tokens.forged],
  ] as const) {
    const { data, errors } = await ask(token)
    const member = (data as { member?: unknown } | null | undefined)?.member ?? null
    if (member !== null || errors === undefined) throw new Error(`answers ${which} token`)
  }
}

async function fire(milliseconds: number): Promise<autocannon.Result> {
  const result = await autocannon({
    url,
    connections: 32,
    sampleInt: 100,
    duration: milliseconds / 1000,
    requests: tokens.good.map((token) => ({ method: 'POST', headers: headersOf(token), body })),
  })
  if (result.errors > 0 || result.non2xx > 0) {
    throw new Error(`${result.errors} errors, ${result.non2xx} answers that are not 2xx`)
  }
  return result
}

await check()
await fire(warmUp)
const used = process.cpuUsage()
const began = performance.now()
const result = await fire(measured)
const took = performance.now() - began
const { user, system } = process.cpuUsage(used)
await check()
console.log(
  JSON.stringify({
    rate: (result.requests.total * 1000) / (result.duration * 1000),
    /** Near 1 the load is what was measured, not the server. */
    busy: (user + system) / 1000 / took,
  }),
)
process.exit()
