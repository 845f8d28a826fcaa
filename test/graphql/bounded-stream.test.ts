import { describe, expect, test } from 'vitest'
import { refuse } from '../../src/core/refusal.ts'
import { BoundedStream } from '../../src/graphql/bounded-stream.ts'
import { Lifetime } from '../../src/graphql/lifetime.ts'
import { testLog } from '../harness/instance.ts'

/** A lifetime of one token, which the test ends. */
function open(source: AsyncIterable<number>, tokens: string[] = ['a']) {
  const log = testLog()
  let end = (): void => {}
  let waiting = 0
  const ends = {
    onEnd(_token: unknown, _context: unknown, ended: (refusal: ReturnType<typeof refuse>) => void) {
      waiting += 1
      let isWaiting = true
      end = () => ended(refuse('TOKEN_REVOKED'))
      return () => {
        if (isWaiting) waiting -= 1
        isWaiting = false
      }
    },
  }
  const held = () => tokens.map((jti) => ({ claims: { jti } }) as never)
  const lifetime = new Lifetime({ tokenWatch: ends, context: {}, held })
  const stream = new BoundedStream<number>({ source, lifetime, logger: log, lastWords: () => -1 })
  const grant = (jti: string): void => void tokens.push(jti)
  return { stream, lifetime, log, grant, end: () => end(), waiting: () => waiting }
}

interface Pending {
  resolve(result: IteratorResult<number>): void
  reject(error: unknown): void
}

/** A source that answers when, and in which order, the test says. */
function manual(more: Partial<AsyncIterator<number>> = {}) {
  const pending: Pending[] = []
  let returned = 0
  const source: AsyncIterable<number> & AsyncIterator<number> = {
    next: () => new Promise((resolve, reject) => void pending.push({ resolve, reject })),
    async return() {
      returned += 1
      return { value: undefined, done: true }
    },
    ...more,
    [Symbol.asyncIterator]: () => source,
  }
  return { source, pending, returned: () => returned }
}

const done = { value: undefined, done: true }

describe('a stream that ends with its token', () => {
  test('hands on what its source fails with, then is done, and nobody waits for its token any more', async () => {
    const { source, pending } = manual()
    const { stream, waiting } = open(source)
    const first = stream.next()
    const second = stream.next()
    pending[0]?.reject(new Error('broken'))
    expect(await first.catch(String)).toBe('Error: broken')
    expect(await second).toEqual(done)
    expect(await stream.next()).toEqual(done)
    expect(waiting()).toBe(0)
  })

  test('hands on a source that throws at once', async () => {
    const { source } = manual({
      next() {
        throw new Error('broken')
      },
    })
    await expect(open(source).stream.next()).rejects.toThrow('broken')
  })

  test('says its last words once, to the first of those who wait', async () => {
    const { source, pending, returned } = manual()
    const { stream, end, waiting } = open(source)
    const waits = [stream.next(), stream.next()]
    end()
    expect(await Promise.all(waits)).toEqual([{ value: -1, done: false }, done])
    pending[0]?.resolve({ value: 1, done: false })
    expect(await stream.next()).toEqual(done)
    expect([returned(), waiting()]).toEqual([1, 0])
  })

  test('says its last words to who comes later', async () => {
    const { source } = manual()
    const { stream, end } = open(source)
    end()
    expect(await stream.next()).toEqual({ value: -1, done: false })
    expect(await stream.next()).toEqual(done)
  })

  test.each(['return', 'throw'] as const)(
    'is left by %s: the source returns, whoever waits is done',
    async (how) => {
      const { source, returned } = manual()
      const { stream, end, waiting } = open(source)
      const wait = stream.next()
      if (how === 'return') expect(await stream.return()).toEqual(done)
      else await expect(stream.throw(new Error('gone'))).rejects.toThrow('gone')
      expect(waiting()).toBe(0)
      end()
      expect(await wait).toEqual(done)
      expect(await stream.next()).toEqual(done)
      expect([returned(), waiting()]).toEqual([1, 0])
    },
  )

  test('follows what an event was granted by, where nothing was before', async () => {
    const { source, pending } = manual()
    const { stream, end, grant, waiting } = open(source, [])
    const event = stream.next()
    expect(waiting()).toBe(0)
    grant('late')
    pending[0]?.resolve({ value: 1, done: false })
    expect(await event).toEqual({ value: 1, done: false })
    expect(waiting()).toBe(1)
    const last = stream.next()
    end()
    expect(await last).toEqual({ value: -1, done: false })
  })

  test('ends at once although its source is a generator that waits', async () => {
    const generator = (async function* () {
      await new Promise(() => undefined)
      yield 1
    })()
    const { stream, end } = open(generator)
    const wait = stream.next()
    end()
    expect(await wait).toEqual({ value: -1, done: false })
  })

  test('survives a source whose return throws', async () => {
    const { source } = manual({
      return() {
        throw new Error('stuck')
      },
    })
    const { stream, end, log } = open(source)
    end()
    expect(await stream.next()).toEqual({ value: -1, done: false })
    expect(log.lines).toEqual([expect.stringContaining('failed to return')])
  })
})

describe('the signal of an operation', () => {
  test('that is over is aborted, and holds nothing', () => {
    const { source } = manual()
    const { stream, lifetime, waiting } = open(source)
    void stream.return()
    expect(lifetime.signal.aborted).toBe(true)
    expect(waiting()).toBe(0)
  })
})
