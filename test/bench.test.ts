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
import { meetingsOf } from '../bench/meetings.ts'
import { page } from '../bench/page/page.ts'
import { peersAhead } from '../bench/page/tables.ts'
import { SECTIONS } from '../bench/sections.ts'

const PARTS = ['machine', 'method', 'claims', 'micro', 'executor', 'http', 'memory', 'ahead', 'versions']

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

  it('meet the same without what they add, and peers whom of us they stand beside; each two once', () => {
    for (const section of SECTIONS) {
      const met = meetingsOf(section).map((meeting) => meeting.map(({ name }) => name).sort())
      expect(new Set(met.map(String)).size).toBe(met.length)
      const { baseline, contestants } = section
      const wanted = contestants
        .filter(({ name }) => name !== baseline)
        .map(({ name, floor = baseline }) => [name, floor].sort())
      expect(met).toEqual(expect.arrayContaining(wanted))
    }
    const http = SECTIONS.filter(({ name }) => name === 'http')
    const peers = http.flatMap((section) =>
      meetingsOf(section, (_, peer) => peer.at === 'node-http#verified'),
    )
    expect(peers.map(([own]) => own.name)).toEqual(['our server'])
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
          .map((meeting) => new Map(meeting.map(({ name }) => [name, [1]]))),
      )
      const [name = '', ...others] = names
      for (const other of others) expect([says, measured.ratio(name, other)?.median]).toEqual([says, 1])
    }
  })
})

describe('the figures', () => {
  it('compare what was measured in the same round', () => {
    const measured = new Measured([
      new Map([
        ['ours', [10, 200, 40]],
        ['bare', [20, 100, 40]],
      ]),
      new Map([
        ['ours', [1000]],
        ['other', [1]],
      ]),
    ])
    expect(measured.ratio('ours', 'bare')).toEqual({ median: 1, low: 0.75, high: 1.5 })
    expect(measured.figure('ours')).toEqual({ median: 120, low: 32.5, high: 400 })
    expect(measured.ratio('bare', 'other')).toBeUndefined()
    expect(measured.figure('nobody')).toBeUndefined()
  })

  it('say which peer is ahead, of rates and of times', () => {
    const contestants = [
      { name: 'ours', at: '', floor: 'bare', guards: true, ours: true },
      { name: 'fast', at: '', floor: 'bare', guards: true },
      { name: 'slow', at: '', floor: 'bare', guards: true },
      { name: 'bare', at: '' },
    ]
    const measured = new Measured([
      new Map([
        ['ours', [100]],
        ['fast', [200]],
        ['slow', [50]],
        ['bare', [400]],
      ]),
    ])
    const section = { name: 'http', title: '', unit: '', digits: 0, baseline: 'bare', contestants } as const
    const lineOf = (isRate: boolean) => peersAhead({ ...section, isRate }, measured)
    expect(lineOf(true)).toEqual(['- fast: 2.00 times as fast as "ours"'])
    expect(lineOf(false)).toEqual(['- slow: 2.00 times as fast as "ours"'])
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
  })
})
