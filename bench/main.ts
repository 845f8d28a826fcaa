/**
 * What we cost beside the others, as ratios in one run: tokens, operations, requests, memory. Prints tables, and writes docs/performance.md.
 *
 *     npm run bench                     some twenty minutes
 *     npm run bench -- --quick          about a minute, of the most telling ones; writes nothing
 *     npm run bench -- --only http      one of micro, executor, http, memory, or several with commas; writes nothing
 *     npm run bench -- --like '^Apollo'  those whose names match; writes nothing
 *     npm run bench -- --check          whether everybody does their work right; measures nothing
 *
 * `--write` writes the page all the same, of all sections alone.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Results } from './claims.ts'
import type { SectionName } from './contest.ts'
import { makeTokens } from './fixture.ts'
import type { Samples } from './measure/figures.ts'
import { measure } from './measure/measure.ts'
import { checkMemory, type Growth, measureMemory } from './measure/memory.ts'
import { CHECK, FULL, type Pace, QUICK } from './measure/pace.ts'
import { run } from './measure/processes.ts'
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
const samples = new Map<SectionName, Samples>()
const progress = (line: string): boolean => process.stderr.write(`${line}\n`)
const measured = SECTIONS.filter(({ name }) => only.includes(name) && (name === 'http' || !asked.check))
for (const section of measured) {
  const contestants = section.contestants
    .filter(({ quick }) => quick || !asked.quick)
    .filter(({ name }) => like.test(name))
  if (contestants.length === 0) continue
  samples.set(section.name, await measure(section, contestants, pace[section.name], tokens, progress))
  if (!asked.check) console.log(`\n${section.title}\n\n${tableOf(section.name)}\n`)
}
let growth: Growth | undefined
if (only.includes('memory') && !asked.check) {
  growth = await measureMemory()
  console.log(`\nMemory\n\n${memoryTable(growth)}\n`)
  checkMemory(growth)
}
const results: Results = { samples, growth }

function tableOf(name: SectionName): string {
  const section = SECTIONS.find((one) => one.name === name)
  const taken = samples.get(name)
  return section === undefined || taken === undefined ? '' : sectionTable(section, taken)
}

function ahead(): string {
  return SECTIONS.flatMap((section) => peersAhead(section, samples.get(section.name) ?? new Map())).join('\n')
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
if ((isWhole || asked.write) && growth !== undefined && samples.size === SECTIONS.length) {
  const parts = {
    machine: machine(),
    method: method(),
    claims: claimTable(results),
    micro: tableOf('micro'),
    executor: tableOf('executor'),
    http: tableOf('http'),
    memory: memoryTable(growth),
    ahead: ahead() || 'In this run, nowhere.',
    versions: versions(),
  }
  writeFileSync(new URL('../docs/performance.md', import.meta.url), page(parts))
  console.log('wrote docs/performance.md')
}
