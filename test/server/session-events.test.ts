import { expect, it } from 'vitest'
import { type SessionEvent, SessionEvents } from '../../src/server/session-events.ts'

const event = (session: string): SessionEvent => ({
  kind: 'STARTED',
  session,
  at: '2026-01-01T00:00:00.000Z',
})

it('hands events out in order, to those who wait and to those who come later', async () => {
  const events = new SessionEvents()
  const stream = events.subscribe('ada')
  const [one, two] = [stream.next(), stream.next()]
  for (const sid of ['1', '2', '3']) events.publish('ada', event(sid))
  expect([await one, await two, await stream.next()].map(({ value }) => value?.session)).toEqual([
    '1',
    '2',
    '3',
  ])
})

it('keeps the newest hundred for a subscriber who does not read', async () => {
  const events = new SessionEvents()
  const stream = events.subscribe('ada')
  for (let index = 0; index < 150; index++) events.publish('ada', event(String(index)))
  const read: unknown[] = []
  for (let index = 0; index < 100; index++) read.push((await stream.next()).value?.session)
  expect([read[0], read.at(-1)]).toEqual(['50', '149'])
})

it('lets a subscriber go who leaves while it waits', async () => {
  const events = new SessionEvents()
  const streams = [events.subscribe('ada'), events.subscribe('ada'), events.subscribe('bob')]
  expect(events.size).toBe(3)
  const waiting = streams[0]?.next()
  await streams[0]?.return?.()
  expect(await waiting).toEqual({ value: undefined, done: true })
  await streams[0]?.return?.()
  expect(events.size).toBe(2)
  await streams[1]?.return?.()
  expect(events.size).toBe(1)
  // The name is free for the next, who is not forgotten with the last.
  const next = events.subscribe('ada')
  await streams[1]?.return?.()
  events.publish('ada', event('1'))
  expect((await next.next()).value?.session).toBe('1')
})

it('completes every stream when it closes, after what was still to be read, and those to come', async () => {
  const events = new SessionEvents()
  const stream = events.subscribe('ada')
  events.publish('ada', event('1'))
  events.close()
  expect((await stream.next()).value?.session).toBe('1')
  for (const one of [stream, events.subscribe('ada')]) {
    expect(await one.next()).toEqual({ value: undefined, done: true })
  }
  expect(events.size).toBe(0)
})
