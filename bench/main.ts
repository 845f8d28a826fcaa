/**
 * What we cost beside the others, as ratios in one run: tokens, operations, requests, memory. Prints tables, and writes docs/performance.md.
 *
 *     npm run bench                     some twenty-five minutes
 *     npm run bench -- --quick          a minute or two, of the most telling ones; writes nothing
 *     npm run bench -- --only http      one of micro, executor, http, memory, or several with commas; writes nothing
 *     npm run bench -- --like '^Apollo'  those whose names match, and whom they are set beside; writes nothing
 *     npm run bench -- --check          whether everybody does their work right; measures nothing
 *
 * `--write` writes the page all the same, of all sections alone.
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
    like: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
})
const names = [...SECTIONS.map(({ name }) => name), 'memory']
const only = asked.only?.split(',') ?? names
const unknown = only.find((name) => !names.includes(name))
if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${names.join(', ')}`)

const like = new RegExp(asked.like)

const pace = asked.check ? CHECK : asked.quick ? QUICK : FULL
if (asked.check) await run('check', [])
const before = load()
const began = performance.now()
const tokens = await makeTokens()
const sections = new Map<SectionName, Measured>()
const isAsked = (...meeting: Meeting): boolean =>
  (!asked.quick || meeting.every(({ quick }) => quick)) && meeting.some(({ name }) => like.test(name))
for (const section of SECTIONS.filter(
  ({ name }) => only.includes(name) && (name === 'http' || !asked.check),
)) {
  // Whether its work is done right everybody is asked alone.
  const meetings = asked.check
    ? section.contestants.filter(({ name }) => like.test(name)).map((one) => [one])
    : meetingsOf(section, isAsked)
  const taken: Samples[] = []
  for (const [at, meeting] of meetings.entries()) {
    const who = meeting.map(({ name }) => name).join(' | ')
    process.stderr.write(`${section.name}, ${at + 1} of ${meetings.length}: ${who}\n`)
    taken.push(await measure(section, meeting, pace[section.name], tokens))
  }
  sections.set(section.name, new Measured(taken))
  if (!asked.check) console.log(`\n${section.title}\n\n${tableOf(section)}\n`)
}
let growth: Growth | undefined
if (only.includes('memory') && !asked.check) {
  growth = await measureMemory()
  console.log(`\nMemory\n\n${memoryTable(growth)}\n`)
  checkMemory(growth)
}
const results: Results = { sections, growth }

function tableOf(section: Section): string {
  const measured = sections.get(section.name)
  return measured === undefined ? '' : sectionTable(section, measured)
}

function ahead(): string {
  return SECTIONS.flatMap((section) => {
    const measured = sections.get(section.name)
    return measured === undefined ? [] : peersAhead(section, measured)
  }).join('\n')
}

function method(): string {
  const { micro, executor, http } = pace
  const inWords = ({ starts, warmUp, rounds, turn }: Pace): string =>
    `${starts}, ${warmUp / 1000} s, ${rounds} of ${turn / 1000} s`
  const minutes = Math.round((performance.now() - began) / 60_000)
  const provisional =
    http.starts < 2 ? '**Provisional: these are fewer rounds than say anything for sure.** ' : ''
  return `${provisional}Measured on ${new Date().toISOString().slice(0, 10)} in ${minutes} minutes; the machine's load was ${before} before, ${load()} after. Starts, the warm-up after each, and the rounds of turns after that: tokens ${inWords(micro)}, operations ${inWords(executor)}, requests ${inWords(http)}.`
}

if (asked.check) console.log('everybody does their work right')
else {
  console.log(
    `\nWhat we hold ourselves to\n\n${claimTable(results)}\n\nWhere a peer is ahead\n\n${ahead() || 'nowhere in this run'}\n`,
  )
}
const isWhole = !asked.quick && !asked.check && asked.only === undefined && asked.like === ''
if ((isWhole || asked.write) && growth !== undefined && sections.size === SECTIONS.length) {
  const parts = {
    machine: machine(),
    method: method(),
    claims: claimTable(results),
    ...Object.fromEntries(SECTIONS.map((section) => [section.name, tableOf(section)])),
    memory: memoryTable(growth),
    ahead: ahead() || 'In this run, nowhere.',
    versions: versions(),
  }
  writeFileSync(new URL('../docs/performance.md', import.meta.url), page(parts))
  console.log('wrote docs/performance.md')
}
