import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { CLAIMS } from '../bench/claims.ts'
import type { Tokens } from '../bench/contest.ts'
import { makeTokens, USER } from '../bench/fixture.ts'
import { checkAnswers } from '../bench/measure/answers.ts'
import { Measured } from '../bench/measure/figures.ts'
import { boundOf, checkMemory } from '../bench/measure/memory.ts'
import { besideOf, type Meeting, meetingsOf } from '../bench/meetings.ts'
import { page } from '../bench/page/page.ts'
import { peersAhead } from '../bench/page/tables.ts'
import { SECTIONS } from '../bench/sections.ts'

const PARTS = ['machine', 'method', 'claims', 'micro', 'executor', 'http', 'memory', 'ahead', 'versions']

const namesOf = (meeting: Meeting): string[] => meeting.map(({ name }) => name)

describe('the contestants', () => {
  it('of ours answer and refuse what they are measured by', () => {
    const printed = execFileSync(
      process.execPath,
      ['--import', './resolve.ts', 'samples/check.ts', '--ours'],
      {
        cwd: 'bench',
        encoding: 'utf8',
      },
    )
    const ours = SECTIONS.filter(({ name }) => name !== 'http').flatMap(({ name: section, contestants }) =>
      contestants
        .filter(({ ours, at }) => ours || at.startsWith('unguarded#'))
        .map(({ name }) => `${section}: ${name}`),
    )
    expect(JSON.parse(printed).checked).toEqual(ours)
  })

  it('have one name each, and what they are compared with is there', () => {
    for (const { baseline, contestants } of SECTIONS) {
      const names = contestants.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
      const compared = contestants.flatMap(({ floor, against }) => [floor, against]).filter(Boolean)
      expect(names).toEqual(expect.arrayContaining([baseline, ...compared]))
    }
  })

  it.each([
    ['no token', () => true],
    ['a revoked', (token: string) => token !== ''],
    ['a forged', (token: string, { revoked }: Tokens) => token !== '' && token !== revoked],
  ])('that answer %s do not pass for guarded', async (what, answers) => {
    const tokens = await makeTokens()
    const server = createServer(({ headers }, response) => {
      const token = headers.authorization?.slice('Bearer '.length) ?? ''
      const body = answers(token, tokens) ? { data: { member: USER } } : { errors: [{ message: 'no' }] }
      response.end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      await expect(checkAnswers(url, false, tokens)).resolves.toBeUndefined()
      await expect(checkAnswers(url, true, tokens)).rejects.toThrow(`answers ${what}`)
    } finally {
      server.close()
    }
  })

  it('meet the same without what they add, and peers the one of ours that does the same; each two once', () => {
    for (const section of SECTIONS) {
      const met = meetingsOf(section).map(namesOf)
      expect(new Set(met.map((names) => names.toSorted().join())).size).toBe(met.length)
      const { baseline, contestants } = section
      for (const one of contestants) {
        const beside = besideOf(section, one)
        const isPeer = !one.ours && (one.guards || one.against)
        expect([one.name, beside?.ours ?? false]).toEqual([one.name, Boolean(isPeer)])
        const alone = one.floor === null ? [one.name] : [one.name, beside?.name ?? baseline]
        if (one.name !== baseline)
          expect(met.map((names) => names.toSorted())).toContainEqual(alone.toSorted())
      }
      for (const meeting of meetingsOf(section, true)) expect(met).toContainEqual(namesOf(meeting))
    }
    const [section] = SECTIONS.filter(({ name }) => name === 'http')
    const lost = { name: 'lost', at: '', guards: true }
    expect(() => section && besideOf(section, lost)).toThrow(
      'lost: say in `against` which of ours does the same',
    )
  })

  it('are what is claimed of them, and meet for it', () => {
    for (const {
      says,
      compares: [section, ...names],
    } of CLAIMS) {
      const { contestants } = SECTIONS.find(({ name }) => name === section) ?? { contestants: [] }
      expect([says, contestants.map(({ name }) => name)]).toEqual([says, expect.arrayContaining(names)])
      const measured = new Measured(
        SECTIONS.filter(({ name }) => name === section)
          .flatMap((one) => meetingsOf(one))
          .map((meeting) => new Map(namesOf(meeting).map((one) => [one, [1, 1]]))),
      )
      const [name = '', ...others] = names
      for (const other of others) expect([says, measured.ratio(name, other)?.median]).toEqual([says, 1])
    }
  })
})

describe('the figures', () => {
  it('compare what was measured in two rounds after each other', () => {
    const measured = new Measured([
      new Map([
        ['ours', [10, 200, 40, 40]],
        ['bare', [60, 80, 80, 80]],
      ]),
      new Map([
        ['ours', [1000, 1000]],
        ['other', [1, 1]],
      ]),
    ])
    expect(measured.ratio('ours', 'bare')).toEqual({ median: 1, low: 0.75, high: 1.25 })
    expect(measured.figure('ours')).toEqual({ median: 120, low: 40, high: 800 })
    expect(measured.ratio('bare', 'other')).toBeUndefined()
    expect(measured.figure('nobody')).toBeUndefined()
  })

  it('say which peer is ahead, of rates and of times', () => {
    const contestants = [
      { name: 'ours', at: '', floor: 'bare', guards: true, ours: true },
      { name: 'fast', at: '', floor: 'bare', guards: true },
      { name: 'slow', at: '', floor: 'bare', guards: true },
      { name: 'even', at: '', floor: 'bare', guards: true },
      { name: 'bare', at: '' },
    ]
    const measured = new Measured([
      new Map([
        ['ours', [100, 100, 100, 100]],
        ['fast', [200, 200, 200, 200]],
        ['slow', [50, 50, 50, 50]],
        ['even', [104, 104, 94, 94]],
        ['bare', [400, 400, 400, 400]],
      ]),
    ])
    const section = { name: 'http', title: '', unit: '', digits: 0, baseline: 'bare', contestants } as const
    const lineOf = (isRate: boolean) => peersAhead({ ...section, isRate }, measured)
    expect(lineOf(true)).toEqual(['- fast: 2.00 times as fast as "ours"'])
    expect(lineOf(false)).toEqual([
      '- slow: 2.00 times as fast as "ours"',
      '- even: 1.01 (0.99 to 1.04) times as fast as "ours", not for sure',
    ])
  })

  it('of memory are refused beyond the bound', () => {
    const growth = { remembered: 10_000, seconds: 1, steps: [{ tokens: 1, bytes: 0 }] }
    expect(() => checkMemory(growth)).not.toThrow()
    const beyond = [{ tokens: 1, bytes: boundOf(growth) * 2 }]
    expect(() => checkMemory({ ...growth, steps: beyond })).toThrow(/memory grew/)
  })
})

describe('the page', () => {
  it('has a place for every part, and keeps what is written by hand', () => {
    const made = page(Object.fromEntries(PARTS.map((name) => [name, `[${name}]`])))
    const written = readFileSync('bench/page/performance.md', 'utf8')
    expect(made.replaceAll(/^\[([a-z]+)\]$/gm, '<!-- $1 -->')).toBe(written)
    expect(made).toContain('## What only upstream can mend')
    expect(() => page({})).toThrow('was not measured')
    let rest = readFileSync('docs/performance.md', 'utf8')
    for (const piece of written.split(/^<!-- [a-z]+ -->$/m)) {
      expect(rest).toContain(piece)
      rest = rest.slice(rest.indexOf(piece) + piece.length)
    }
  })
})
