import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxConcurrency: 30,
    // Node runs the examples and the server as they are, which is what the examples promise.
    experimental: { viteModuleRunner: false },
  },
})

export default config
