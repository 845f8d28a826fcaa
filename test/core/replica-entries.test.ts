import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogEntry } from '../../src/core/blocklist.ts'
import { Entries } from '../../src/core/replica/entries.ts'
import { readId, writeId } from '../../src/core/replica/id.ts'
import { inSlices } from '../../src/core/replica/slices.ts'
import { cases } from '../harness/cases.ts'
import { token } from '../harness/replica.ts'

type Entry = Omit<LogEntry, 'position'>

const KINDS = ['token', 'session', 'subject'] as const

/** Few enough to meet again: ids in both forms that are the same 16 bytes, what only looks like one, and texts. */
const KEYS: readonly string[] = Array.from({ length: 40 }, (_, index) => {
  const bytes = Buffer.alloc(16, index % 3)
  bytes[15] = index
  const hex = bytes.toString('hex')
  const id = bytes.toString('base64url')
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return (
    [id, uuid, `${id.slice(0, 21)}B`, uuid.toUpperCase(), hex, `key ${index}`, `${id.slice(0, 21)}é`][
      index % 7
    ] ?? ''
  )
})

const anEntry: fc.Arbitrary<Entry> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    issuer: fc.constantFrom('', 'a', 'b'),
    key: fc.constantFrom(...KEYS),
    epoch: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.maxSafeNat()),
    expiresAt: fc.integer({ min: 1, max: 100_000 }),
  })
  .map((entry) => ({ ...entry, epoch: entry.kind === 'subject' ? entry.epoch : 0 }))

describe('entries', () => {
  test('know exactly what they were told, in every form of key, until it expires', async () => {
    const step = fc.oneof({ weight: 9, arbitrary: anEntry }, { weight: 1, arbitrary: fc.nat(100_000) })
    await fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const entries = new Entries(randomBytes)
        const model = new Map<string, Entry>()
        for (const one of steps) {
          if (typeof one === 'number') {
            for (const _ of entries.sweep(one));
            for (const [name, { expiresAt }] of model) {
              if (Math.ceil(expiresAt / 1000) <= Math.floor(one / 1000)) model.delete(name)
            }
            continue
          }
          const name = JSON.stringify([one.kind, one.issuer, one.key])
          const known = model.get(name)
          expect(entries.add(one)).toBe(known === undefined || one.epoch > known.epoch)
          const epoch = Math.max(one.epoch, known?.epoch ?? 0)
          model.set(name, { ...one, epoch, expiresAt: Math.max(one.expiresAt, known?.expiresAt ?? 0) })
        }
        const lines = [...entries.lines()].map(({ kind, issuer, key, epoch, until }) => [
          kind,
          issuer,
          key,
          epoch,
          until,
        ])
        const expected = [...model.values()].map(({ kind, issuer, key, epoch, expiresAt }) => [
          kind,
          issuer,
          key,
          epoch,
          Math.ceil(expiresAt / 1000),
        ])
        expect(lines.sort()).toEqual(expected.sort())
        expect(entries.size).toBe(model.size)
        for (const issuer of ['', 'a', 'b', 'c']) {
          for (const key of KEYS) {
            const has = (kind: string) => model.get(JSON.stringify([kind, issuer, key]))
            const unknown = { issuer, jti: '-', sid: '-', sub: '-' }
            expect(entries.blocks(token({ ...unknown, jti: key }))).toBe(has('token') !== undefined)
            expect(entries.blocks(token({ ...unknown, sid: key }))).toBe(has('session') !== undefined)
            const epoch = has('subject')?.epoch ?? 0
            expect(entries.blocks(token({ ...unknown, sub: key, ue: epoch }))).toBe(false)
            if (epoch > 0) expect(entries.blocks(token({ ...unknown, sub: key, ue: epoch - 1 }))).toBe(true)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['ids', () => randomBytes(16).toString('base64url')],
    ['UUIDs', () => crypto.randomUUID()],
    ['texts', () => randomBytes(20).toString('hex')],
  ])('grow and shrink with many %s', (_, make) => {
    const entries = new Entries(randomBytes)
    const keys = Array.from({ length: 30_000 }, make)
    for (const [index, key] of keys.entries()) {
      entries.add({ kind: 'session', issuer: '', key, epoch: 0, expiresAt: index < 20_000 ? 1000 : 2000 })
    }
    expect(entries.size).toBe(30_000)
    expect(keys.every((sid) => entries.blocks(token({ issuer: '', sid })))).toBe(true)
    for (const _ of entries.sweep(1000));
    expect(keys.map((sid) => entries.blocks(token({ issuer: '', sid })))).toEqual(
      keys.map((_, index) => index >= 20_000),
    )
    for (const _ of entries.sweep(2000));
    expect([entries.size, [...entries.lines()]]).toEqual([0, []])
  })

  test('know any text by itself alone, also after others went', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('\0', '\u00fe', '\u00ff', '\u0100', '\uff00', '\ud800', '\uffff') }),
      fc.string({ minLength: 2000, maxLength: 3000 }),
    )
    fc.assert(
      fc.property(fc.uniqueArray(text, { maxLength: 60 }), (texts) => {
        const entries = new Entries(randomBytes)
        const isKept = (index: number) => index % 3 > 0
        for (const [index, key] of texts.entries()) {
          const expiresAt = isKept(index) ? 2000 : 1000
          if (index % 2 === 0) entries.add({ kind: 'token', issuer: '', key, epoch: 0, expiresAt })
        }
        for (const _ of entries.sweep(1000));
        const expected = texts.filter((_, index) => index % 2 === 0 && isKept(index))
        expect(texts.filter((jti) => entries.blocks(token({ issuer: '', jti })))).toEqual(expected)
        expect([...entries.lines()].map(({ key }) => key).sort()).toEqual([...expected].sort())
      }),
      { numRuns: 60 },
    )
  })

  test('keep an expiry beyond the year 2106 for ever', () => {
    const entries = new Entries(randomBytes)
    entries.add({ kind: 'token', issuer: '', key: 'a', epoch: 0, expiresAt: Number.MAX_SAFE_INTEGER })
    for (const _ of entries.sweep(4_000_000_000_000));
    expect(entries.size).toBe(1)
  })
})

describe('an id', () => {
  test('is read only in the spelling that it is written in', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(bytes, (array) => {
        const text = Buffer.from(array).toString('base64url')
        const hex = Buffer.from(array).toString('hex')
        for (const spelling of [text, hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')]) {
          const id = readId(spelling)
          expect(id && writeId(id)).toBe(spelling)
        }
      }),
    )
  })

  test.each(
    cases(
      '',
      'A'.repeat(21),
      `${'A'.repeat(21)}B`,
      `${'A'.repeat(21)}=`,
      `${'A'.repeat(20)}+A`,
      `é${'A'.repeat(21)}`,
      `${'A'.repeat(21)}\u0141`,
      '00000000-0000-0000-0000-00000000000G',
      '00000000-0000-0000-0000-00000000000A',
      '000000000000-0000-0000-0000-00000000',
      '0'.repeat(36),
    ),
  )('is not %j', (text) => {
    expect(readId(text as string)).toBeUndefined()
  })
})

test('steps give everybody else a turn', async () => {
  let time = 0
  let turns = 0
  const turn = setInterval(() => {
    turns += 1
  }, 0)
  const steps = Array.from({ length: 200 }, () => undefined)
  await inSlices(steps, () => {
    time += 1
    return time
  })
  clearInterval(turn)
  expect(turns).toBeGreaterThan(0)
})
