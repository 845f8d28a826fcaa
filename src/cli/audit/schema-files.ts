import { existsSync, globSync, statSync } from 'node:fs'
import { extname } from 'node:path'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { loadSchema } from './schema-module.ts'
import { type ReadSchema, readSdl } from './sdl.ts'

const SDL = ['.graphql', '.graphqls', '.gql']
const MODULES = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']

/**
 * Reads what the command line names: SDL files and globs of them, or one module.
 *
 * @throws ConfigurationError naming what cannot be read, and the mend
 */
export async function readSchemaFiles(
  named: readonly string[],
  progress: (text: string) => void,
): Promise<ReadSchema & { readonly isModule: boolean }> {
  const paths = [...new Set(named.flatMap(expand))]
  const [first = '', ...others] = paths
  if (!paths.some((path) => MODULES.includes(extname(path)))) {
    return { ...readSdl(paths, progress), isModule: false }
  }
  if (others.length > 0) {
    throw new ConfigurationError(
      `${first}, ${others[0]}: a module stands for a whole schema; name one module, or SDL files alone`,
    )
  }
  progress(`loading ${first}`)
  return { schema: await loadSchema(first), notes: [], isModule: true }
}

function expand(named: string): readonly string[] {
  const found = existsSync(named) ? [named] : globSync(named).sort()
  if (found.length === 0 && /^https?:/.test(named)) {
    throw new ConfigurationError(
      `${named}: no server is asked, since its answer has no directives on it; name the schema's files, or a module that exports it`,
    )
  }
  if (found.length === 0) {
    throw new ConfigurationError(
      `${named}: there is no such file; quote a pattern, such as 'schema/**/*.graphql'`,
    )
  }
  for (const path of found) checkKind(path)
  return found
}

function checkKind(path: string): void {
  if (statSync(path).isDirectory()) {
    throw new ConfigurationError(`${path}: is a folder; name its files, such as '${path}/**/*.graphql'`)
  }
  if ([...SDL, ...MODULES].includes(extname(path))) return
  throw new ConfigurationError(
    `${path}: is read neither as SDL (${SDL.join(', ')}) nor as a module (${MODULES.join(', ')})` +
      (extname(path) === '.json' ? '; the answer of an introspection query has no directives on it' : ''),
  )
}
