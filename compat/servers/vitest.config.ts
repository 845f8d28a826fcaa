import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['*.test.ts'],
    // Prints the table when all are over.
    globalSetup: ['./matrix.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Node loads servers and sources as they are: one graphql, the root's.
    experimental: { viteModuleRunner: false },
  },
})

export default config
