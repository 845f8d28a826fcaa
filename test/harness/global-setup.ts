import { spawnSync } from 'node:child_process'
import { CHROMIUM } from './chromium.ts'
import { ensurePrograms } from './debian.ts'
import { MARIADB } from './mariadb.ts'
import { PGBOUNCER } from './pgbouncer.ts'
import { POSTGRES } from './postgres.ts'
import { REDIS } from './redis.ts'
import { startServerProcess } from './server.ts'

/** Before any test: the programs that npm does not bring, the build that the examples and the package are made of, and what a server compiles. */
export async function setup(): Promise<void> {
  ensurePrograms([CHROMIUM, POSTGRES, PGBOUNCER, MARIADB, REDIS])
  const built = spawnSync('npm', ['run', 'build', '--silent'], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`the build failed:\n${built.stdout}${built.stderr}`)
  // Only a server that stops by itself leaves what it compiled; those that tests kill would compile it each time.
  await using server = await startServerProcess()
  await server.end('SIGTERM')
}
