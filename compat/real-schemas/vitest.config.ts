import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import ordinary from '../../vitest.config.ts'

const config: ViteUserConfig = defineConfig({
  ...ordinary,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/real-schemas/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    // The memory that is measured should be one test's own.
    maxWorkers: 1,
    execArgv: ['--expose-gc'],
  },
})

export default config
