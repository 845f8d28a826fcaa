// Runs the suite of the repository with graphql 17: in a copy, below this folder, so that everything resolves to the packages installed here.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const work = join(here, 'work')

const COPIED = [
  'bin',
  'docs',
  'schema',
  'src',
  'test',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'vitest.config.ts',
]
/** What meets graphql: its own tests, the facade's and the server's. The rest would only say the same again. */
const SUITE = [
  'test/codegen/field-context-types',
  'test/codegen/vouched',
  'test/core',
  'test/graphql/',
  'test/graphql-17',
  'test/scenarios',
  'test/authx.test.ts',
  'test/sessions.test.ts',
  'test/server/accounts',
  'test/server/cookies',
  'test/server/extension',
  'test/server/document-limits',
  'test/server/requests',
  'test/server/transcript',
]

rmSync(work, { recursive: true, force: true })
mkdirSync(work)
for (const name of COPIED) cpSync(join(root, name), join(work, name), { recursive: true })

const arguments_ = ['run', ...SUITE, ...process.argv.slice(2)]
const done = spawnSync(join(here, 'node_modules/.bin/vitest'), arguments_, { cwd: work, stdio: 'inherit' })
process.exitCode = done.status ?? 1
