/**
 * What we cost beside the others, as ratios in one run: tokens, operations, requests, memory. Prints tables, and writes docs/performance.md.
 *
 *     npm run bench                     some thirty minutes
 *     npm run bench -- --quick          a minute or two, of the most telling ones; writes nothing
 *     npm run bench -- --only http      one of micro, executor, http, memory, or several with commas; writes nothing
 *     npm run bench -- --like '^Apollo'  the meetings of those whose names match; writes nothing
 *     npm run bench -- --check          whether everybody does their work right; measures nothing
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Results } from './claims.ts'
import type { Section, SectionName } from './contest.ts'
import { makeTokens } from './fixture.ts'
import { Measured, type Samples } from './measure/figures.ts'
import { measure } from './measure/measure.ts'
import { checkMemory, type Growth, measureMemory } from './measure/memory.ts'
import { CHECK, FULL, type Pace, QUICK } from './measure/pace.ts'
import { run } from './measure/processes.ts'
import { type Meeting, meetingsOf } from './meetings.ts'
import { load, machine, versions } from './page/machine.ts'
import { page } from './page/page.ts'
import { claimTable, memoryTable, peersAhead, sectionTable } from './page/tables.ts'
import { SECTIONS } from './sections.ts'

const { values: asked } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    only: { type: 'string' },
    like: { type: 'string' },
  },
})
const { quick, check, only, like } = asked
const isWhole = !quick && only === undefined && like === undefined
if (check && !isWhole) throw new Error('--check: takes no other option, since it asks everybody')
const pace = quick ? QUICK : FULL
const before = load()
const began = performance.now()
const tokens = await makeTokens()
const names = chosen()
const meetings = new Map(
  SECTIONS.map((section) => [section, names.includes(section.name) ? wanted(section) : []]),
)
const measuresMemory = names.includes('memory')
if (!measuresMemory && [...meetings.values()].every(({ length }) => length === 0)) {
  throw new Error('--like: nobody who is measured has such a name; bench/sections.ts has all of them')
}

// First of all, so that nobody finds out late.
if (isWhole) await checkAll()
if (check) console.log('everybody does their work right')
else await measureAll()

/** The sections that are asked for, and `memory`. */
function chosen(): readonly string[] {
  const all = [...SECTIONS.map(({ name }) => name), 'memory']
  const some = only?.split(',') ?? all.filter((name) => like === undefined || name !== 'memory')
  const unknown = some.find((name) => !all.includes(name))
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${all.join(', ')}`)
  return some
}

function wanted(section: Section): readonly Meeting[] {
  const pattern = new RegExp(like ?? '')
  return meetingsOf(section, quick).filter((meeting) => meeting.some(({ name }) => pattern.test(name)))
}

async function checkAll(): Promise<void> {
  await run('check', [])
  for (const section of SECTIONS.filter(({ name }) => name === 'http')) {
    await measure(section, section.contestants, CHECK, tokens)
  }
}

async function measureAll(): Promise<void> {
  const sections = new Map<SectionName, Measured>()
  for (const section of SECTIONS) {
    const taken = await measureSection(section)
    if (taken.length === 0) continue
    sections.set(section.name, new Measured(taken))
    console.log(`\n${section.title}\n\n${tableOf(section, sections)}\n`)
  }
  const growth = measuresMemory ? await measureMemory() : undefined
  if (growth !== undefined) console.log(`\nMemory\n\n${memoryTable(growth)}\n`)
  const results: Results = { sections, growth }
  const ahead = aheadIn(sections)
  console.log(`\nWhat we hold ourselves to\n\n${claimTable(results)}\n\nWhere a peer is ahead\n\n${ahead}\n`)
  if (isWhole && growth !== undefined) write(results, growth)
  if (growth !== undefined) checkMemory(growth)
}

async function measureSection(section: Section): Promise<readonly Samples[]> {
  const taken: Samples[] = []
  const all = meetings.get(section) ?? []
  for (const [at, meeting] of all.entries()) {
    const who = meeting.map(({ name }) => name).join(' | ')
    process.stderr.write(`${section.name}, ${at + 1} of ${all.length}: ${who}\n`)
    taken.push(await measure(section, meeting, pace[section.name], tokens))
  }
  return taken
}

function tableOf(section: Section, sections: Results['sections']): string {
  const measured = sections.get(section.name)
  return measured === undefined ? '' : sectionTable(section, measured)
}

function aheadIn(sections: Results['sections']): string {
  const lines = SECTIONS.flatMap((section) => {
    const measured = sections.get(section.name)
    return measured === undefined ? [] : peersAhead(section, measured)
  })
  return lines.join('\n') || 'In this run, nowhere.'
}

function write(results: Results, growth: Growth): void {
  const parts = {
    machine: machine(),
    method: method(),
    claims: claimTable(results),
    ...Object.fromEntries(SECTIONS.map((section) => [section.name, tableOf(section, results.sections)])),
    memory: memoryTable(growth),
    ahead: aheadIn(results.sections),
    versions: versions(),
  }
  writeFileSync(new URL('../docs/performance.md', import.meta.url), page(parts))
  console.log('wrote docs/performance.md')
}

function method(): string {
  const { micro, executor, http } = pace
  const inWords = ({ starts, warmUp, rounds, turn }: Pace): string =>
    `${starts} fresh starts, each ${warmUp / 1000} s of warm-up and ${rounds} rounds with turns of ${turn / 1000} s`
  const minutes = Math.round((performance.now() - began) / 60_000)
  return `Measured on ${new Date().toISOString().slice(0, 10)} in ${minutes} minutes; the machine's load was ${before} before, ${load()} after. Of each two, tokens: ${inWords(micro)}; operations: ${inWords(executor)}; requests: ${inWords(http)}.`
}
