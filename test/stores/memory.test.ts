import { describe } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { memory } from '../../src/stores/memory.ts'
import { keepsTheContract } from './contract.ts'

describe('memory()', () => {
  keepsTheContract(() => {
    let store: Store | undefined
    return {
      async open(clock) {
        store ??= memory({ clock })
        return store
      },
    }
  })
})
