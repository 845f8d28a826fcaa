import { type TestClock, testClock } from '../../src/testing/test-clock.ts'

/** When tests begin, milliseconds since the epoch: a whole second. */
export const NOW = 1_750_000_000_000

export type SettableClock = TestClock

export function settableClock(start: number = NOW): SettableClock {
  return testClock(start)
}

/** Bytes that are the same in every run: 0, 1, 2 … as big-endian numbers of the asked size. */
export function countingRandom(): (size: number) => Uint8Array {
  let count = 0
  return (size) => {
    const bytes = Buffer.alloc(size)
    bytes.writeUInt32BE(count++, size - 4)
    return bytes
  }
}

/** Lets everything come to its end that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((done) => setImmediate(done))
}
