import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DIFFERENCES, DOOR_DIFFERENCES } from './differences.ts'
import { DOORS, type DoorName } from './doors.ts'
import type { Method } from './exchange.ts'
import { SERVERS, type ServerName } from './serve.ts'
import { CASES, type Case } from './verdicts.ts'

/** Where runs leave which cells came out as they should, for the table to be printed once all are over. */
const FOLDER = 'work/cells'
const METHODS = ['POST', 'GET'] as const
const ONLY: Readonly<Record<Method, string>> = {
  POST: 'asked by POST alone: mutations, batches, forms, and documents that are too long for a URL',
  GET: 'asked by GET alone',
}

/** A way into a server: an address and a method, or another door. */
export type Column = `${ServerName}, ${Method}` | DoorName

const COLUMNS: readonly { readonly name: Column; readonly why: (one: Case) => Why | undefined }[] = [
  ...METHODS.flatMap((method) =>
    (Object.keys(SERVERS) as ServerName[]).map((server) => ({
      name: `${server}, ${method}` as const,
      why: ({ name, over }: Case): Why | undefined =>
        over !== undefined && over !== method
          ? { because: ONLY[over], isAsked: false }
          : different(DIFFERENCES.find(({ of, on }) => of.includes(server) && on.includes(name))),
    })),
  ),
  ...(Object.keys(DOORS) as DoorName[]).map((door) => ({
    name: door,
    why: ({ name, over }: Case): Why | undefined =>
      over === 'GET'
        ? { because: ONLY.GET, isAsked: false }
        : different(DOOR_DIFFERENCES.find(({ of, on }) => of.includes(door) && on.includes(name))),
  })),
]

/** Why a cell is not as the others. */
interface Why {
  readonly because: string
  /** Whether something is answered there at all. */
  readonly isAsked: boolean
}

function different(difference: { because: string; verdict?: unknown } | undefined): Why | undefined {
  return difference && { because: difference.because, isAsked: difference.verdict !== undefined }
}

/** Keeps which cells a test file saw come out as they should. */
export class Cells {
  readonly #file: string
  readonly #right: [column: Column, row: string][] = []

  constructor(name: string) {
    this.#file = `${FOLDER}/${name}.json`
  }

  right(column: Column, { name }: Case): void {
    this.#right.push([column, name])
  }

  keep(): void {
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(this.#file, JSON.stringify(this.#right))
  }
}

/** One row a case, one column a server and transport; undefined where not all of it was played. */
function print(): string | undefined {
  const files = globSync(`${FOLDER}/*.json`)
  if (files.length < 2) return undefined
  const right = new Set(files.flatMap((file) => JSON.parse(readFileSync(file, 'utf8'))).map(String))
  const reasons: string[] = []
  const mark = (why: Why | undefined, isRight: boolean): string => {
    if (why === undefined) return isRight ? '=' : '!'
    if (!reasons.includes(why.because)) reasons.push(why.because)
    const number = reasons.indexOf(why.because) + 1
    if (!why.isAsked) return `-${number}`
    return isRight ? `~${number}` : '!'
  }
  const letter = (at: number): string => String.fromCharCode('A'.charCodeAt(0) + at).padEnd(3)
  const width = Math.max(...CASES.map(({ name }) => name.length))
  const rows = CASES.map((one) => {
    const cells = COLUMNS.map(({ name, why }) =>
      mark(why(one), right.has(String([name, one.name]))).padEnd(3),
    )
    return `${one.name.padEnd(width)}  ${cells.join(' ')}`.trimEnd()
  })
  return [
    `${CASES.length} cases, ${COLUMNS.length} ways in.`,
    ...COLUMNS.map(({ name }, at) => `${letter(at)} ${name}`),
    '',
    `${' '.repeat(width)}  ${COLUMNS.map((_, at) => letter(at)).join(' ')}`,
    ...rows,
    '',
    '= as everywhere   ~n another verdict, for reason n   -n cannot be asked, for reason n   ! wrong',
    ...reasons.map((because, at) => `${String(at + 1).padStart(2)} ${because}`),
  ].join('\n')
}

/** Before a run of vitest. */
export function setup(): void {
  rmSync(FOLDER, { recursive: true, force: true })
}

/** After it. */
export function teardown(): void {
  const table = print()
  if (table !== undefined) console.log(`\n${table}\n`)
  setup()
}
