import type { ContextType, Vouched } from './vouched.ts'

/** What the entries are made of. */
export interface EntryParts {
  readonly vouched: Vouched
  /** The module that has the types of `graphql/context.ts`, as the generated file imports it. */
  readonly typesFrom: string
  /** The entries that the user wrote. */
  readonly own: readonly string[]
  /** Names of the schema's types, which the generated file declares. */
  readonly declared: readonly string[]
}

/**
 * The `fieldContextTypes` of typescript-resolvers: what rules vouch for, around the field's own context type where the user named one.
 *
 * An entry is `Type.field#Context` or `Type.field#module#Context`. The plugin imports what the second kind names, and puts the text of the first in its
 * place as it is, type parameters included. Only two of its habits are relied on: of two entries for one field the last counts, and one
 * whose path is no field imports all the same.
 */
export function fieldContextTypes({ vouched, typesFrom, own, declared }: EntryParts): string[] {
  const named = new Map(own.map((entry) => [pathOf(entry), entry]))
  const local = localNames(vouched, declared)
  const imports = [...local].map(([type, name]) => importing(typesFrom, type, name))
  const kept = [...named].map(([path, entry]) => (vouched.has(path) ? `own ${entry}` : entry))
  const ruled = [...vouched].map(([path, types]) => {
    const entry = named.get(path)
    const inner = entry === undefined ? 'ContextType' : nameIn(entry)
    return `${path}#${types.reduce((context, type) => `${local.get(type)}<${context}>`, inner)}`
  })
  return [...imports, ...kept, ...ruled]
}

/** What the types are called in the generated file: otherwise where the schema has a type of that name. */
function localNames(vouched: Vouched, declared: readonly string[]): Map<ContextType, string> {
  const taken = new Set(declared.map(plain))
  const used = [...new Set([...vouched.values()].flat())].sort()
  return new Map(used.map((type) => [type, taken.has(plain(type)) ? `AuthX${type}` : type]))
}

/** However the generator spells names. */
function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

function importing(typesFrom: string, type: ContextType, name: string): string {
  return `authx ${type}#${typesFrom}#${type}${name === type ? '' : ` as ${name}`}`
}

function pathOf(entry: string): string {
  return entry.slice(0, entry.indexOf('#'))
}

/** `./context.ts#Mine as Yours` is called `Yours` in the generated file. */
function nameIn(entry: string): string {
  const type = entry.slice(entry.lastIndexOf('#') + 1)
  return type.split(/\s+as\s+/).at(-1) ?? type
}
