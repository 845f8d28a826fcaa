import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FAULTS as ON_SERVERS } from '../../compat/servers/faults.ts'
import { FAULTS, type Fault } from './faults.ts'

/** Those that are planted take minutes to say so. */
test('every fault has its place: a text that its file has exactly once', () => {
  const misplaced = [...FAULTS, ...ON_SERVERS].filter(
    ({ file, find }: Fault) => readFileSync(file, 'utf8').split(find).length !== 2,
  )
  expect(misplaced.map(({ name }) => name)).toEqual([])
})
