import { spawnSync } from 'node:child_process'
import { CHROMIUM } from './chromium.ts'
import { ensureProgram } from './debian.ts'
import { MARIADB } from './mariadb.ts'
import { PGBOUNCER } from './pgbouncer.ts'
import { POSTGRES } from './postgres.ts'
import { REDIS } from './redis.ts'

/** Before any test: the programs that npm does not bring, and the build that the examples and the package are made of. */
export function setup(): void {
  for (const program of [CHROMIUM, POSTGRES, PGBOUNCER, MARIADB, REDIS]) ensureProgram(program)
  const built = spawnSync('npm', ['run', 'build', '--silent'], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`the build failed:\n${built.stdout}${built.stderr}`)
}
