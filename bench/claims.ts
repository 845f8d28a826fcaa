import type { SectionName } from './contest.ts'
import { type Figure, figureOf, type Measured } from './measure/figures.ts'
import { boundOf, type Growth } from './measure/memory.ts'

/** What a run has measured; with an option not everything. */
export interface Results {
  readonly sections: ReadonlyMap<SectionName, Measured>
  readonly growth: Growth | undefined
}

/** Something that we hold ourselves to, and how it is read off a run. */
export interface Claim {
  readonly says: string
  readonly atLeast?: number
  readonly atMost?: number
  /** The section, whoever something is claimed of, and whom it has to meet for that. */
  readonly compares: readonly [SectionName | 'memory', ...string[]]
  /** Undefined where the run has not measured it. */
  readonly of: (results: Results) => Figure | undefined
}

type Read = Pick<Claim, 'compares' | 'of'>

function readOf(
  section: SectionName,
  names: readonly string[],
  read: (measured: Measured) => Figure | undefined,
): Read {
  return {
    compares: [section, ...names],
    of({ sections }) {
      const measured = sections.get(section)
      return measured && read(measured)
    },
  }
}

/** A ratio of two contestants in the rounds of their meeting. */
function between(section: SectionName, name: string, base: string): Read {
  return readOf(section, [name, base], (measured) => measured.ratio(name, base))
}

/** A ratio of rates to whichever of the peers is best. */
function toBest(name: string, peers: readonly string[]): Read {
  return readOf('http', [name, ...peers], (measured) => {
    const ratios = peers.flatMap((peer) => measured.ratio(name, peer) ?? [])
    return ratios.length < peers.length
      ? undefined
      : ratios.toSorted((one, other) => one.median - other.median)[0]
  })
}

/** What something takes, in so many equal parts. */
function part(section: SectionName, name: string, parts = 1): Read {
  return readOf(section, [name], (measured) => {
    const whole = measured.figure(name)
    return whole && { median: whole.median / parts, low: whole.low / parts, high: whole.high / parts }
  })
}

const memoryOverBound: Read = {
  compares: ['memory'],
  of: ({ growth }) =>
    growth && figureOf([Math.max(...growth.steps.map(({ bytes }) => bytes)) / boundOf(growth)]),
}

const MERCURIUS_PEERS = ['mercurius-auth and @fastify/jwt', 'mercurius-auth and @fastify/jwt with its cache']
/** Those that verify; one that keeps a cache of its own by hand is among those that may be ahead. */
const APOLLO_PEERS = ['jsonwebtoken, string secret', 'jsonwebtoken, KeyObject']
const on = (floor: string, names: readonly string[]): string[] => names.map((name) => `${floor}, ${name}`)

/** What we hold ourselves to. Each is a ratio in one run, or a time on the machine that the page names. */
export const CLAIMS: readonly Claim[] = [
  {
    says: 'Yoga with our body limit, ours, to the same Yoga without auth and with the same body limit (rate)',
    atLeast: 0.95,
    ...between('http', 'Yoga, our body limit, ours', 'Yoga, our body limit'),
  },
  {
    says: 'Yoga with our body limit, ours, to plugin-jwt with generic-auth and the body limit as documented (rate)',
    atLeast: 2,
    ...between('http', 'Yoga, our body limit, ours', 'Yoga as it comes, plugin-jwt and generic-auth'),
  },
  {
    says: 'Mercurius, ours, to the best of mercurius-auth with @fastify/jwt (rate)',
    atLeast: 1,
    ...toBest('Mercurius, ours', on('Mercurius', MERCURIUS_PEERS)),
  },
  {
    says: 'Mercurius with JIT, ours, to mercurius-auth with @fastify/jwt and its cache (rate)',
    atLeast: 1,
    ...toBest('Mercurius with JIT, ours', on('Mercurius with JIT', MERCURIUS_PEERS.slice(1))),
  },
  {
    says: 'Apollo, ours, to the best verify in its context, without a cache (rate)',
    atLeast: 1,
    ...toBest('Apollo, ours', on('Apollo', APOLLO_PEERS)),
  },
  {
    says: 'our server to Yoga as it comes, which asks nobody anything (rate)',
    atLeast: 2.5,
    ...between('http', 'our server', 'Yoga as it comes'),
  },
  {
    says: 'every leaf of 1,000 by 10 guarded, to unguarded (time)',
    atMost: 1.05,
    ...between('executor', 'ours, every leaf', 'unguarded'),
  },
  {
    says: 'one refused leaf, a ten-thousandth of the operation (µs)',
    atMost: 6,
    ...part('executor', 'ours, every leaf, each refused', 10_000),
  },
  {
    says: 'an operation refused as a whole, to the same one granted (time)',
    atMost: 1,
    ...between('executor', 'ours, by operation, refused', 'ours, by operation'),
  },
  { says: 'a repeated token, judged (µs)', atMost: 2, ...part('micro', 'ours, repeated tokens') },
  {
    says: 'a new token, judged, to jsonwebtoken with a KeyObject alone (time)',
    atMost: 1.3,
    ...between('micro', 'ours, new tokens', 'jsonwebtoken, KeyObject'),
  },
  {
    says: 'a forged token refused, to a new one judged (time)',
    atMost: 1,
    ...between('micro', 'ours, forged tokens', 'ours, new tokens'),
  },
  {
    says: 'garbage refused, to a new token judged (time)',
    atMost: 1,
    ...between('micro', 'ours, garbage', 'ours, new tokens'),
  },
  { says: 'memory after 100,000 distinct tokens, to the bound', atMost: 1, ...memoryOverBound },
]
