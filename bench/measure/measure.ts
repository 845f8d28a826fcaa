import type { Contestant, Section, Tokens } from '../contest.ts'
import type { Samples } from './figures.ts'
import type { Pace } from './pace.ts'
import { run, start } from './processes.ts'

/** What is told while a section is measured. */
export type Progress = (line: string) => void

/**
 * Measures contestants in turn, round after round, each time in a process of its own: A/B/A/B. Before each sample the contestant has to do its work right.
 *
 * @throws Error naming the contestant that does not
 */
export async function measure(
  section: Section,
  contestants: readonly Contestant[],
  pace: Pace,
  tokens: Tokens,
  tell: Progress,
): Promise<Samples> {
  const samples = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
  const sample: Sample = section.name === 'http' ? askServer : doWork
  for (let round = 0; round < pace.rounds; round += 1) {
    for (const contestant of contestants) {
      const value = await sample(section, contestant, { pace, tokens }).catch((error) => {
        throw new Error(`${section.name}: ${contestant.name}: ${error.message}`, { cause: error })
      })
      samples.get(contestant.name)?.push(value)
      tell(
        `${section.name} ${round + 1}/${pace.rounds}: ${contestant.name}: ${value.toFixed(section.digits)}`,
      )
    }
  }
  return samples
}

interface Asked {
  readonly pace: Pace
  readonly tokens: Tokens
}

type Sample = (section: Section, contestant: Contestant, asked: Asked) => Promise<number>

/** Microseconds of CPU that it takes once. */
async function doWork({ name }: Section, { at }: Contestant, { pace }: Asked): Promise<number> {
  const { milliseconds } = await run<{ milliseconds: number }>('work', [name, at, JSON.stringify(pace)])
  return milliseconds * 1000
}

/** Requests that it answers in a second of its core. */
async function askServer(
  _section: Section,
  { at, guards = false }: Contestant,
  { pace, tokens }: Asked,
): Promise<number> {
  const environment = { BENCH_TOKENS: JSON.stringify(tokens) }
  const server = start('serve', [at], { core: 0, environment })
  try {
    const { url } = await server.line<{ url: string }>()
    const asked = { url, guards, pid: server.pid, ...pace }
    const { rate } = await run<{ rate: number }>('load', [JSON.stringify(asked)], { core: 1, environment })
    return rate
  } finally {
    await server.stop()
  }
}
