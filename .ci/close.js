// Closes a run with what the test runner itself counted, and with what failed or was skipped, by name: `node close.js REPORT…`.
import { existsSync, readFileSync } from 'node:fs'

const [paths, missing] = [[], []]
for (const path of process.argv.slice(2)) (existsSync(path) ? paths : missing).push(path)
const reports = paths.map((path) => JSON.parse(readFileSync(path, 'utf8')))
const sum = (member) => reports.reduce((all, report) => all + report[member], 0)
const [passed, failed, skipped] = ['numPassedTests', 'numFailedTests', 'numPendingTests'].map(sum)

for (const file of reports.flatMap((report) => report.testResults)) {
  if (file.status === 'failed' && file.message) console.error(`\nfailed: ${file.name}\n${file.message}`)
  for (const test of file.assertionResults) {
    if (test.status === 'passed') continue
    console.error(
      `\n${test.status}: ${file.name} > ${test.fullName}\n${test.failureMessages.join('\n').slice(0, 3000)}`,
    )
  }
}

const empty = reports.some((report) => report.numPassedTests === 0)
// A run that left no report ended before its tests did, one in which nothing passed tested nothing, and in CI nothing is skipped.
if (missing.length > 0 || empty || failed > 0 || skipped > 0) process.exitCode = 1
for (const path of missing) console.error(`\nno report: ${path}`)
if (skipped > 0) console.error(`${skipped} skipped, and in CI nothing is`)
console.log(`${passed} passed, ${failed} failed`)
