import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { keepsTheContract } from './contract.ts'

describe('sqlite() with several handles on one file', () => {
  keepsTheContract(() => {
    const folder = mkdtempSync(join(tmpdir(), 'authx-'))
    return {
      open: (clock) => sqlite(join(folder, 'store.db'), { clock }),
      remove: () => rmSync(folder, { recursive: true }),
    }
  })
})

describe('sqlite() with one handle in memory', () => {
  keepsTheContract(() => {
    let store: Promise<Store> | undefined
    return {
      open(clock) {
        store ??= sqlite(':memory:', { clock })
        return store
      },
    }
  })
})
