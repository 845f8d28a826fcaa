import { Command, Option } from 'commander'
import { OWN_POSTGRES } from '../harness/postgres.ts'
import { OWN_REDIS } from '../harness/redis.ts'
import { STORES, type StoreName } from './backends.ts'
import { type Outage, runOutage } from './outage.ts'

/** `npm run faults -- --store redis --seconds 60` */
const { store, seconds, control } = new Command('npm run faults --')
  .description('Lets processes and their store fail while clients log in and out, and judges what was seen.')
  .addHelpText(
    'after',
    "\nIt needs redis-server for redis, PostgreSQL's initdb and postgres for postgres (Debian: redis-server, postgresql), nothing for sqlite.",
  )
  .addOption(new Option('--store <name>', 'which store').choices(STORES).makeOptionMandatory())
  .option('--seconds <n>', 'how long', Number, 60)
  .option('--control', 'only the negative control, which follows hints alone and has to be found out')
  .parse()
  .opts<{ store: StoreName; seconds: number; control?: true }>()

if (!(seconds > 0)) {
  console.error('--seconds: must be a number above 0')
  process.exit(2)
}
const onProgress = (line: string): void => {
  process.stderr.write(process.stderr.isTTY ? `\r\u001B[K${line}` : `${line}\n`)
}
const program = { redis: OWN_REDIS, postgres: OWN_POSTGRES, sqlite: undefined }[store]
if (program !== undefined && program.find() === undefined) {
  console.error(
    `--store ${store}: needs ${program.name} on this machine (Debian: apt install ${program.debianPackage})`,
  )
  process.exit(2)
}
let violations = 0
if (control !== true) {
  const outage = await runOutage({ store, seconds, everyFault: false, onProgress })
  show(store, outage)
  violations = outage.violations.length
}
const length = control === true ? seconds : Math.min(seconds, 20)
const found = await runOutage({ store, seconds: length, everyFault: false, hintsOnly: true, onProgress })
show(`${store}, following hints alone (the control: here violations have to be found)`, found)
const verdict = verdictOf(violations, found.violations.length)
console.log(`\n${verdict.text}`)
process.exitCode = verdict.code

function verdictOf(own: number, controls: number): { readonly code: 0 | 1; readonly text: string } {
  if (own > 0) return { code: 1, text: `FAILED: ${own} violations, where none may be.` }
  if (controls === 0) {
    return { code: 1, text: 'PROVEN NOTHING: the control broke the rules nowhere either; run it for longer.' }
  }
  return control === true
    ? { code: 0, text: `PASSED: the control was found out, by ${controls} violations, as it has to be.` }
    : { code: 0, text: `PASSED: no violation, and the control was found out by ${controls}.` }
}

function show(title: string, outage: Outage): void {
  const { violations, faults, ...figures } = outage
  if (process.stderr.isTTY) process.stderr.write('\n')
  console.log(`\n${title}`)
  const names: Readonly<Record<keyof typeof figures, string>> = {
    maxStaleness: 'bound, ms',
    worstStaleness: 'worst staleness, ms',
    revocations: 'acknowledged ends of sessions',
    checks: 'checks',
    checksAfterEnd: 'checks after an acknowledged end',
    refreshes: 'refreshes',
    unavailable: 'refused because nobody could say',
    slowestUnavailable: 'the slowest of those, ms',
  }
  for (const [key, name] of Object.entries(names)) {
    console.log(`  ${name.padEnd(36)} ${figures[key as keyof typeof figures]}`)
  }
  for (const [name, count] of Object.entries(faults)) console.log(`  fault: ${name.padEnd(29)} ${count}`)
  console.log(`  ${'violations'.padEnd(36)} ${violations.length}`)
  for (const violation of violations.slice(0, 5)) console.log(`    ${violation}`)
}
