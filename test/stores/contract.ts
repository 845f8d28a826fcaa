import { expect, test } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { storeContract } from '../../src/testing/index.ts'

/** One store's data: how to open it, given the clock that the contract moves, and how to be rid of it. */
export interface Subject {
  open(clock: () => number): Promise<Store>
  remove?(): void
}

/** Runs the whole contract, every clause over data of its own, and closes what it opened. */
export function keepsTheContract(make: () => Subject): void {
  for (const { id, name, covers, run } of storeContract()) {
    test(`${[...covers, id].join(', ')}: ${name}`, async () => {
      const subject = make()
      const opened: Store[] = []
      // Not on a whole second: rounding has to show.
      let now = 1_750_000_000_321
      const open = async () => {
        const store = await subject.open(() => now)
        opened.push(store)
        return store
      }
      const advance = (milliseconds: number) => {
        now += milliseconds
      }
      try {
        await expect(run({ open, advance })).resolves.toBeUndefined()
      } finally {
        await Promise.all(opened.map((store) => store.close()))
        subject.remove?.()
      }
    })
  }
}
