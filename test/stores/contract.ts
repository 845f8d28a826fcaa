import { expect, test } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { storeContract } from '../../src/testing/index.ts'

/** One store's data: how to open it, given the clock that the contract moves, and how to be rid of it. */
export interface Subject {
  open(clock: () => number): Promise<Store>
  remove?(): void
}

/** When the clock of a clause begins. Not on a whole second: rounding has to show. */
export const BEGINNING = 1_750_000_000_321

/** What a store's time may run by itself while a clause runs. */
export interface Ticking {
  /** Milliseconds. @default 0 */
  readonly drift?: number
}

/** Runs the whole contract, every clause over data of its own, and closes what it opened. */
export function keepsTheContract(make: () => Subject | Promise<Subject>, { drift = 0 }: Ticking = {}): void {
  for (const { id, name, covers, run } of storeContract()) {
    test(`${[...covers, id].join(', ')}: ${name}`, async () => {
      const subject = await make()
      const opened: Store[] = []
      let now = BEGINNING
      const open = async () => {
        const store = await subject.open(() => now)
        opened.push(store)
        return store
      }
      const advance = (milliseconds: number) => {
        now += milliseconds
      }
      try {
        await expect(run({ open, advance, drift })).resolves.toBeUndefined()
      } finally {
        await Promise.all(opened.map((store) => store.close()))
        subject.remove?.()
      }
    })
  }
}
