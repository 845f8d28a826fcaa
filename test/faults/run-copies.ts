// One run of vitest over copies of the project: `node run-copies.ts FOLDER`, from `copies.ts`, which says what is in the folder.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVitest, type TestCase } from 'vitest/node'
import { type Copy, ORDER, OUTCOMES, type Outcome } from './copies.ts'

const root = process.argv[2] as string
const copies: readonly Copy[] = JSON.parse(readFileSync(join(root, ORDER), 'utf8'))

// A copy's modules are its own, by their paths; so copies can follow each other in one process, and what they share is loaded once.
const vitest = await createVitest('test', {
  root,
  watch: false,
  isolate: false,
  maxWorkers: 2,
  reporters: [],
})
const specifications = copies.map(({ folder, test, title }) =>
  vitest
    .getRootProject()
    .createSpecification(join(root, folder, test), { testNamePattern: new RegExp(title) }),
)
const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications)
await vitest.close()
if (unhandledErrors.length > 0) console.error(unhandledErrors)

const outcomes: Record<string, Outcome[]> = {}
for (const { moduleId, children } of testModules) {
  const folder = moduleId.slice(root.length + 1).split('/')[0] as string
  outcomes[folder] = [...(outcomes[folder] ?? []), ...[...children.allTests()].map(outcomeOf)]
}
writeFileSync(join(root, OUTCOMES), JSON.stringify(outcomes))

function outcomeOf(test: TestCase): Outcome {
  const { state, errors = [] } = test.result()
  return {
    fullName: test.fullName,
    status: state,
    failureMessages: errors.map(({ stack, message }) => stack ?? message),
  }
}
