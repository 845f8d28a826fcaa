import { setImmediate } from 'node:timers/promises'

/** Milliseconds after which everybody else gets a turn. */
const SLICE = 2

/**
 * Takes steps one after another without holding up the event loop.
 *
 * @param steps each takes well below a millisecond
 * @param monotonic milliseconds from anywhere
 */
export async function inSlices(steps: Iterable<unknown>, monotonic: () => number): Promise<void> {
  let began = monotonic()
  for (const _ of steps) {
    if (monotonic() - began < SLICE) continue
    await setImmediate()
    began = monotonic()
  }
}
