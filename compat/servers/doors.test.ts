import { afterAll, describe, expect, test } from 'vitest'
import { DOOR_DIFFERENCES } from './differences.ts'
import { DOORS, type DoorName } from './doors.ts'
import type { Verdict } from './exchange.ts'
import { Cells } from './matrix.ts'
import { play } from './play.ts'
import { CASES } from './verdicts.ts'

const cells = new Cells('doors')
afterAll(() => cells.keep())

const NAMES = Object.keys(DOORS) as DoorName[]

const rows = (door: DoorName) =>
  CASES.filter(({ over }) => over !== 'GET').map((one) => ({
    one,
    name: one.name,
    difference: DOOR_DIFFERENCES.find(({ of, on }) => of.includes(door) && on.includes(one.name)),
  }))

const told = ({ reasons, data }: Pick<Verdict, 'reasons' | 'data'>) => ({ reasons, data })

describe.each(NAMES)('%s answers', (door) => {
  const asked = rows(door).filter(({ difference }) => difference === undefined || difference.verdict)
  test.each(asked)('$name', async ({ one, difference }) => {
    const { serve, exchange } = DOORS[door]
    const { verdicts } = await play(serve, one, 'POST', exchange)
    const expected = [one.expected].flat().map(told)
    const last = difference?.verdict
    expect(verdicts.map(told)).toEqual(last ? [...expected.slice(0, -1), last] : expected)
    cells.right(door, one)
  })
})

test('no difference is about nothing, and the table is most of it', () => {
  const names = new Set(CASES.map(({ name }) => name))
  expect(DOOR_DIFFERENCES.flatMap(({ on }) => on).filter((name) => !names.has(name))).toEqual([])
  for (const door of NAMES) {
    const same = rows(door).filter(({ difference }) => difference === undefined)
    expect(same.length).toBeGreaterThan(60)
  }
})
