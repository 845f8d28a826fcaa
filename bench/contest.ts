/** Who is measured, as the tables show it, and where the code is that sets it up. */
export interface Contestant {
  /** Unique in its section. */
  readonly name: string
  /** A module of `contestants/<section>/` and the function it exports: `yoga-jsonwebtoken#string`. */
  readonly at: string
  /** The name of the same without what it adds; null where nothing is. @default the section's baseline */
  readonly floor?: string | null
  /** Of a peer, the name of ours that does the same. @default for who guards, the one of ours with the same floor */
  readonly against?: string
  /** Whether it guards anything: then it has to refuse, too. @default false */
  readonly guards?: boolean
  readonly ours?: boolean
  /** Whether its row is measured with `--quick`. */
  readonly quick?: boolean
}

/** What is measured by one unit; what has nothing nearer is set beside the baseline. */
export interface Section {
  readonly name: SectionName
  readonly title: string
  readonly unit: string
  /** Whether more of the unit is better. Ratios of rates are of rates, ratios of times of times. */
  readonly isRate: boolean
  /** How many digits a figure shows. */
  readonly digits: number
  readonly baseline: string
  readonly contestants: readonly Contestant[]
}

export type SectionName = 'micro' | 'executor' | 'http'

/** A contestant of `micro` and `executor`: something that is done again and again. */
export interface Work {
  /** Once; a promise is waited for. */
  run(): unknown
  /** Throws unless what is done is done right. */
  check(): void | Promise<void>
}

export type MakeWork = () => Work | Promise<Work>

/** A contestant of `http`: a server on a free port of 127.0.0.1. */
export type Serve = (tokens: Tokens) => Promise<{ readonly url: string }>

/** The tokens of a run, made by our library and good for all. */
export interface Tokens {
  readonly good: readonly string[]
  /** A good one, whose session has ended. */
  readonly revoked: string
  readonly revokedSid: string
  /** A good one, but for its signature. */
  readonly forged: string
}

/** Of a contestant of a section, what its module exports. */
export async function load<Made>(section: SectionName, at: string): Promise<Made> {
  const [file, name = ''] = at.split('#')
  const module = await import(`./contestants/${section}/${file}.ts`)
  if (typeof module[name] !== 'function') throw new TypeError(`${section}/${file}.ts exports no ${name}`)
  return module[name]
}
