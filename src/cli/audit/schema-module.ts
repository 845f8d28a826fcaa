import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type GraphQLSchema, isSchema } from 'graphql'
import { ConfigurationError } from '../../core/configuration-error.ts'

/**
 * Loads a module and takes the schema that it exports as `schema` or by default: itself, a promise of one, or a function that makes one.
 *
 * @throws ConfigurationError where it cannot be loaded, or exports none
 */
export async function loadSchema(path: string): Promise<GraphQLSchema> {
  const endEarly = (): void => {
    process.stderr.write(`graphql-authx: ${path}: the process ended before it exported a schema\n`)
    process.exitCode = 2
  }
  // A module that ends the process itself, say after starting a server, would end it as if all were as it should be.
  process.once('exit', endEarly)
  try {
    return await findSchema(path)
  } finally {
    process.off('exit', endEarly)
  }
}

async function findSchema(path: string): Promise<GraphQLSchema> {
  const loaded = (await attempt(path, () => import(pathToFileURL(resolve(path)).href))) as Exports
  // A CommonJS module arrives as the default export.
  const candidates = [loaded.schema, loaded.default, (loaded.default as Exports | undefined)?.schema]
  for (const candidate of candidates) {
    const made = await attempt(path, () => (typeof candidate === 'function' ? candidate() : candidate))
    if (await attempt(path, () => isSchema(made))) return made as GraphQLSchema
  }
  throw new ConfigurationError(
    `${path}: exports no schema; export a GraphQLSchema, a promise of one or a function that makes one, by default or as "schema"`,
  )
}

interface Exports {
  readonly schema?: unknown
  readonly default?: unknown
}

async function attempt(path: string, work: () => unknown): Promise<unknown> {
  try {
    return await work()
  } catch (error) {
    const said = error instanceof Error ? (error.message.split('\n\n')[0] ?? '') : String(error)
    const why = said.split('\n').join(' ') + loaderFor(path, error)
    throw new ConfigurationError(`${path}: no schema comes from it: ${why}`, { cause: error })
  }
}

/** What Node says of enums and the like, of imports without the ending of the file, and of imports of folders. */
const NOT_AS_IT_IS: ReadonlySet<unknown> = new Set([
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
])

/** Node takes the types out of TypeScript, and does no more with it. */
function loaderFor(path: string, error: unknown): string {
  if (!/\.[cm]?ts$/.test(path) || !(error instanceof Error)) return ''
  const { code } = error as NodeJS.ErrnoException
  // Decorators, and types that are imported as values, are found by the engine, which has no codes.
  const isMet = NOT_AS_IT_IS.has(code) || (error instanceof SyntaxError && code === undefined)
  return isMet
    ? "; if it is TypeScript that Node does not run as it is, bring a loader: NODE_OPTIONS='--import tsx'"
    : ''
}
