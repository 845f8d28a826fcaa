import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take minutes. One that begins last keeps one worker busy while the others have nothing left to do. */
const LONG = [
  'test/server/durability.test.ts',
  'test/faults/planted-faults.test.ts',
  'test/cli/cli.test.ts',
  'test/outages/outages.test.ts',
]

/** Begins with those files. The rest has vitest's own order: by how long it took last time, where that is known. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ordinary = await super.sort(files)
    return ordinary.toSorted((one, other) => rankOf(one) - rankOf(other))
  }
}

function rankOf({ moduleId, project }: TestSpecification): number {
  const rank = LONG.indexOf(relative(project.config.root, moduleId))
  return rank === -1 ? LONG.length : rank
}
