import type { Contestant, Section, Tokens } from '../contest.ts'
import type { Samples } from './figures.ts'
import type { Order, Pace } from './pace.ts'
import { type Started, start } from './processes.ts'

/** A contestant that is up: it has its turns, and in between does nothing. */
interface Competitor {
  readonly name: string
  /** Its figure, in the section's unit; throws where it does not do its work right. */
  obey(order: Order): Promise<number>
}

/**
 * Measures contestants in turn, each in a process of its own: A, B, then B, A. Before the first turn and after the last each has to do its work right.
 *
 * @throws Error naming the contestant that does not
 */
export async function measure(
  section: Section,
  contestants: readonly Contestant[],
  pace: Pace,
  tokens: Tokens,
): Promise<Samples> {
  const samples = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
  const startAll = section.name === 'http' ? startServers : startWorks
  for (let times = 1; times <= pace.starts; times += 1) {
    const processes: Started[] = []
    try {
      const all = await startAll(section, contestants, tokens, processes)
      for (const one of all) {
        await obey(section, one, {})
        if (pace.warmUp > 0) await obey(section, one, { milliseconds: pace.warmUp })
      }
      for (let round = 1; round <= pace.rounds; round += 1) {
        for (const one of round % 2 === 1 ? all : all.toReversed()) {
          samples.get(one.name)?.push(await obey(section, one, { milliseconds: pace.turn }))
        }
      }
      if (pace.rounds > 0) for (const one of all) await obey(section, one, {})
    } finally {
      for (const one of processes) await one.stop()
    }
  }
  return samples
}

async function obey({ name }: Section, one: Competitor, order: Order): Promise<number> {
  try {
    return await one.obey(order)
  } catch (error) {
    throw new Error(`${name}: ${one.name}: ${(error as Error).message}`, { cause: error })
  }
}

type StartAll = (
  section: Section,
  contestants: readonly Contestant[],
  tokens: Tokens,
  processes: Started[],
) => Promise<Competitor[]>

/** Each answers with the microseconds of CPU that its work takes once. */
const startWorks: StartAll = async ({ name: section }, contestants, _tokens, processes) =>
  contestants.map(({ name, at }) => {
    const one = start('work', [section, at])
    processes.push(one)
    return { name, obey: (order) => answerOf(one, order) }
  })

/** Each answers with the requests that it answers in a second of its core; one process on the other core asks them all. */
const startServers: StartAll = async (_section, contestants, tokens, processes) => {
  const environment = { BENCH_TOKENS: JSON.stringify(tokens) }
  const asking = start('load', [], { core: 1, environment })
  processes.push(asking)
  const servers = contestants.map(({ at }) => start('serve', [at], { core: 0, environment }))
  processes.push(...servers)
  return Promise.all(
    contestants.map(async ({ name, guards = false }, at) => {
      const server = servers[at] as Started
      const { url } = await server.line<{ url: string }>()
      return { name, obey: (order) => answerOf(asking, { url, guards, pid: server.pid, ...order }) }
    }),
  )
}

async function answerOf(one: Started, order: object): Promise<number> {
  one.tell(order)
  return (await one.line<{ figure: number }>()).figure
}
