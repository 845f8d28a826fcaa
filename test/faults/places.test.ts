import { expect, test } from 'vitest'
import { FAULTS as ON_SERVERS } from '../../compat/servers/faults.ts'
import { FAULTS, type Fault } from './faults.ts'
import { around } from './planting.ts'

/** Those that are planted take minutes to say so. */
test.each<Fault>([...FAULTS, ...ON_SERVERS])('$name: its file has the text exactly once', (fault) => {
  expect(around(fault, '.')).toHaveLength(2)
})
