import { run } from './processes.ts'

/** What distinct tokens leave in memory. */
export interface Growth {
  /** Tokens that are remembered at most: `rememberedTokens`. */
  readonly remembered: number
  /** How long all of it took. */
  readonly seconds: number
  /** Bytes in use beyond those of the start, after so many tokens. */
  readonly steps: readonly { readonly tokens: number; readonly bytes: number }[]
}

/** Bytes for each token that is remembered, as the option's documentation promises. */
const PROMISED = 2048

/** What is not the tokens: tables that grow by doubling, code that is compiled meanwhile. */
const SLACK = 4 * 1024 * 1024

export function measureMemory(): Promise<Growth> {
  return run<Growth>('memory', ['100000', '10000'], { flags: ['--expose-gc'] })
}

/** The bytes that remembered tokens may take. */
export function boundOf({ remembered }: Growth): number {
  return remembered * PROMISED
}

/** @throws Error where memory grew beyond the bound */
export function checkMemory(growth: Growth): void {
  const most = Math.max(...growth.steps.map(({ bytes }) => bytes))
  const bound = boundOf(growth) + SLACK
  if (most > bound) throw new Error(`memory grew by ${most} bytes; the bound is ${bound}`)
}
