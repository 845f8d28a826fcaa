import type { GraphQLSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthX } from '../../src/authx.ts'
import { compilePolicy } from '../../src/graphql/policy.ts'
import {
  annotate,
  pick,
  type Random,
  REAL_SCHEMAS,
  resolveAll,
  seeded,
} from '../harness/annotated-schemas.ts'
import { fieldAt } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const SEED = 20_250_101

/** Of each schema; a hundred and two in all. */
const TAKEN_OUT = 34

let ran = 0
function runs(): never {
  ran += 1
  throw new Error('a resolver of the app ran')
}

describe.each(REAL_SCHEMAS)('$name, with rules at random', ({ name, build }) => {
  const random = seeded(SEED)
  let authx: AuthX
  let served: GraphQLSchema
  let protecting: string
  /** Each coordinate with a rule, and the rule as a text. */
  let rules: ReadonlyMap<string, string>

  beforeAll(() => {
    ;({ authx } = openAuthX())
    const schema = annotate(build(), random)
    resolveAll(schema, runs)
    protecting = measured(() => {
      served = authx.protect(schema)
    })
    rules = new Map(
      [...compilePolicy(served, 'public')].flatMap(([type, fields]) =>
        [...fields].map(([field, rule]) => [`${type}.${field}`, JSON.stringify(rule)] as const),
      ),
    )
  })
  afterAll(() => authx.close())

  test('is green', async () => {
    const before = process.memoryUsage().heapUsed
    const began = performance.now()
    const report = await authx.selfTest(served)
    const took = Math.round(performance.now() - began)
    expect(report.coordinates).toBe(rules.size)
    expect(report.coordinates).toBeGreaterThan(200)
    expect(report.checks).toBeGreaterThan(5 * report.coordinates)
    expect(ran).toBe(0)
    const grown = megabytes(process.memoryUsage().heapUsed - before)
    const types = Object.keys(served.getTypeMap()).length
    console.log(
      `${name}: ${types} types; protect ${protecting}; selfTest ${took} ms, ${grown} before a collection: ${report.coordinates} fields, ${report.checks} calls`,
    )
  })

  test(`is red for each of ${TAKEN_OUT} rules that are taken out`, async () => {
    const kinds = new Set<string>()
    const missed: string[] = []
    for (let taken = 0; taken < TAKEN_OUT; taken += 1) {
      const coordinate = pick([...rules.keys()], random)
      const { kind, restore } = takeOut(coordinate, random)
      kinds.add(kind)
      const said = await authx.selfTest(served).then(
        () => 'green',
        (error: Error) => error.message,
      )
      restore()
      const lines = said.split('\n  ').slice(1)
      const isFound = lines.length > 0 && lines.every((line) => line.startsWith(`${coordinate}, `))
      if (!isFound) missed.push(`${coordinate}, ${kind}: ${said}`)
    }
    expect(missed).toEqual([])
    expect([...kinds].sort()).toEqual(["another rule's guard", 'bare', 'none', 'wrapped'])
    expect(ran).toBe(0)
    expect((await authx.selfTest(served)).coordinates).toBe(rules.size)
  })

  /** Replaces what guards a field, as a tool or a hand would that comes after `protect`. */
  function takeOut(coordinate: string, random: Random): { kind: string; restore(): void } {
    const field = fieldAt(served, coordinate)
    const { resolve } = field
    const others = [...rules].filter(([, rule]) => rule !== rules.get(coordinate)).map(([other]) => other)
    const ways = {
      bare: runs,
      none: undefined,
      wrapped: () => runs(),
      "another rule's guard": fieldAt(served, pick(others, random)).resolve,
    }
    const kind = pick(Object.keys(ways) as (keyof typeof ways)[], random)
    Object.assign(field, { resolve: ways[kind] })
    return { kind, restore: () => Object.assign(field, { resolve }) }
  }
})

/** Milliseconds and memory that some work takes, as a text. */
function measured(work: () => void): string {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  const began = performance.now()
  work()
  const took = Math.round(performance.now() - began)
  globalThis.gc?.()
  return `${took} ms, ${megabytes(process.memoryUsage().heapUsed - before)} kept`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
