import { fileURLToPath } from 'node:url'
import { versionInfo } from 'graphql'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { LongestFirst } from './test/harness/longest-first.ts'
import { COMPILE_CACHE } from './test/harness/server.ts'

const config: ViteUserConfig = defineConfig({
  resolve: {
    // Vite would take graphql's ES modules where Node, which loads the packages that use it, takes the other ones: two graphqls at once.
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // They need an install of their own: npm run test:real-schemas and npm run test:graphql-17.
    exclude: ['test/real-schemas/**', ...(versionInfo.major < 17 ? ['test/graphql-17/**'] : [])],
    globalSetup: ['test/harness/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Half of the tests start processes of their own; more workers than this would only slow them down.
    maxWorkers: 2,
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
    sequence: { sequencer: LongestFirst },
  },
})

export default config
