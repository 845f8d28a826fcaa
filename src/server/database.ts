import { existsSync } from 'node:fs'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { Store } from '../core/store.ts'

/** Whether the database that a URL names is there already, so that looking at it makes none. */
export function databaseExists(url: string): boolean {
  const path = /^sqlite:(.+)$/.exec(url)?.[1]
  return path === undefined || existsSync(path)
}

/**
 * Opens the store that a URL names: `sqlite:<path>` or `memory:`.
 *
 * A driver is loaded only when its store is asked for.
 *
 * @throws ConfigurationError naming what is wrong with the URL or the database
 */
export async function openStore(url: string): Promise<Store> {
  const [, scheme, rest = ''] = /^([a-z]+):(.*)$/.exec(url) ?? []
  if (scheme === 'memory' && rest === '') {
    const { memory } = await import('../stores/memory.ts')
    return memory()
  }
  if (scheme === 'sqlite' && rest !== '') {
    const { sqlite } = await import('../stores/sqlite.ts')
    return sqlite(rest)
  }
  throw new ConfigurationError(
    'AUTHX_DATABASE_URL: must be sqlite:<path> (such as sqlite:data/authx.db) or memory:',
  )
}
