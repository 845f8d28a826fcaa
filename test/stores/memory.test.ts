import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { type MemoryOptions, memory } from '../../src/stores/memory.ts'
import { keepsTheContract } from './contract.ts'

describe('memory()', () => {
  test.each([
    [{ perprocess: true }, 'memory.perprocess: no such option; there are clock, perProcess'],
    [{ clock: 0 }, 'memory.clock: must be a function'],
    [{ perProcess: 'yes' }, 'memory.perProcess: must be true or false'],
    [null, 'memory: must be an object of clock, perProcess'],
  ])('refuses the options %j', (options, message) => {
    expect(() => memory(options as MemoryOptions)).toThrow(`${message}`)
  })

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
