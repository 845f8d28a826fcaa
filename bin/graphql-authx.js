#!/usr/bin/env node
// Looks at Node before anything else is loaded: the rest needs a newer one, and would fail with riddles on an old one.
import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `graphql-authx needs Node 22.18 or newer, and this is ${process.versions.node}. ` +
      'In a clone run it through npm (npm start, npx graphql-authx), which brings its own.',
  )
  process.exit(1)
}

// A package has only dist/, which is built; a clone runs its sources as they are.
const source = new URL('../src/cli.ts', import.meta.url)
await import(existsSync(source) ? source.href : new URL('../dist/cli.js', import.meta.url).href)
