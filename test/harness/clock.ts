/** When tests begin, milliseconds since the epoch: a whole second. */
export const NOW = 1_750_000_000_000

/** A clock that stands until it is told to move. */
export interface SettableClock {
  (): number
  advance(seconds: number): void
}

export function settableClock(start: number = NOW): SettableClock {
  let now = start
  return Object.assign(() => now, {
    advance(seconds: number) {
      now += seconds * 1000
    },
  })
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
