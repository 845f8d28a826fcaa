import { Command, Option } from 'commander'
import { STORES, type StoreName } from './backends.ts'
import { type Outage, runOutage } from './outage.ts'

/** `npm run faults -- --store redis --seconds 60` */
const { store, seconds, control } = new Command('npm run faults --')
  .description('Lets processes and their store fail while clients log in and out, and judges what was seen.')
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
if (control !== true) {
  const outage = await runOutage({ store, seconds, onProgress })
  show(store, outage)
  if (outage.violations.length > 0) process.exitCode = 1
}
const found = await runOutage({ store, seconds: Math.min(seconds, 20), hintsOnly: true, onProgress })
show(`${store}, following hints alone`, found)
if (found.violations.length === 0) {
  console.log('The negative control was not found out: this run has proven nothing.')
  process.exitCode = 1
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
