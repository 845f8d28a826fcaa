// Closes a run with what the test runner itself counted, and with what failed or was skipped, by name: `node close.js REPORT…`.
import { existsSync, readFileSync } from 'node:fs'

const [paths, missing] = [[], []]
for (const path of process.argv.slice(2)) (existsSync(path) ? paths : missing).push(path)
const reports = paths.map((path) => JSON.parse(readFileSync(path, 'utf8')))
const sum = (member) => reports.reduce((all, report) => all + report[member], 0)
const [passed, failed] = ['numPassedTests', 'numFailedTests'].map(sum)
const skipped = sum('numPendingTests') + sum('numTodoTests')

for (const file of reports.flatMap((report) => report.testResults)) {
  if (file.status === 'failed' && file.message) console.error(`\nfailed: ${file.name}\n${file.message}`)
  for (const test of file.assertionResults) {
    if (test.status === 'passed') continue
    console.error(
      `\n${test.status}: ${file.name} > ${test.fullName}\n${test.failureMessages.join('\n').slice(0, 3000)}`,
    )
  }
}

// A run that left no report ended before its tests did, one in which nothing passed tested nothing, and in CI nothing is skipped.
const faults = [
  ...missing.map((path) => `no report: ${path}`),
  ...reports.flatMap(({ success, numPassedTests }, at) =>
    success && numPassedTests > 0 ? [] : [`not all well: ${paths[at]}`],
  ),
  ...(skipped > 0 ? [`${skipped} skipped, and in CI nothing is`] : []),
]
for (const fault of faults) console.error(`\n${fault}`)
if (faults.length > 0 || failed > 0) process.exitCode = 1
console.log(`${passed} passed, ${failed} failed`)
