import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { parseAst } from 'vitest/node'

/** Source texts by their path from the root of the project. */
export type Sources = Readonly<Record<string, string>>

/** What a module needs of others, read from its syntax tree. */
export interface Module {
  readonly path: string
  /** What it imports or re-exports, types included: paths of the project for relative ones, else the package or built-in as written. */
  readonly imports: readonly string[]
  /** Globals that a rule is about, as `console`, `process.env`, `Date.now`, `new Date()`, `performance.now`. */
  readonly globals: readonly string[]
  /** What it passes on from other modules, by name. */
  readonly passedOn: readonly PassedOn[]
  /** Names that it exports, and whether a docstring stands before each declaration. */
  readonly declared: ReadonlyMap<string, boolean>
}

export interface PassedOn {
  readonly name: string
  readonly from: string
  readonly isType: boolean
}

interface Node {
  readonly type: string
  readonly start: number
  readonly [member: string]: unknown
}

/** Every TypeScript file under a folder. */
export function readSources(folder: string): Sources {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  return Object.fromEntries(
    files.map((file) => {
      const path = posix.join(folder, file.replaceAll('\\', '/'))
      return [path, readFileSync(path, 'utf8')]
    }),
  )
}

export function readModules(sources: Sources): Module[] {
  return Object.entries(sources).map(([path, text]) => readModule(path, text))
}

function readModule(path: string, text: string): Module {
  const imports: string[] = []
  const globals = new Set<string>()
  const ast = parseAst(text, { lang: 'ts' }) as unknown as Node
  walk(ast, (node) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) imports.push(resolve(path, specifier))
    const used = globalOf(node)
    if (used !== undefined) globals.add(used)
  })
  return {
    path,
    imports,
    globals: [...globals],
    passedOn: passedOnIn(ast, path),
    declared: declaredIn(ast, text),
  }
}

/** `import … from`, `import`, `export … from`, `import()`, `import('…').Type`, `require()`. */
function specifierOf(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return textOf(node.source)
    case 'CallExpression':
      return nameOf(node.callee) === 'require' ? textOf((node.arguments as Node[])[0]) : undefined
    default:
      return undefined
  }
}

function globalOf(node: Node): string | undefined {
  if (node.type === 'Identifier' && node.name === 'console') return 'console'
  if (
    node.type === 'NewExpression' &&
    nameOf(node.callee) === 'Date' &&
    (node.arguments as Node[]).length === 0
  )
    return 'new Date()'
  if (node.type === 'CallExpression' && nameOf(node.callee) === 'Date') return 'Date()'
  if (node.type === 'VariableDeclarator' && nameOf(node.init) === 'process') return 'process.env'
  if (node.type !== 'MemberExpression') return undefined
  const name = `${nameOf(node.object)}.${nameOf(node.property) ?? textOf(node.property)}`
  return ['process.env', 'Date.now', 'performance.now'].includes(name) ? name : undefined
}

function passedOnIn(ast: Node, path: string): PassedOn[] {
  return (ast.body as Node[]).flatMap((node) => {
    const source = node.type === 'ExportNamedDeclaration' ? textOf(node.source) : undefined
    if (source === undefined) return []
    return (node.specifiers as Node[]).map(({ exported, exportKind }) => ({
      name: nameOf(exported) ?? '',
      from: resolve(path, source),
      isType: node.exportKind === 'type' || exportKind === 'type',
    }))
  })
}

function declaredIn(ast: Node, text: string): Map<string, boolean> {
  const declared = new Map<string, boolean>()
  for (const node of ast.body as Node[]) {
    if (node.type !== 'ExportNamedDeclaration') continue
    const isDocumented = /\*\/\s*$/.test(text.slice(0, node.start))
    const declaration = node.declaration as Node | null
    const declarators = (declaration?.declarations ?? [declaration]) as (Node | null)[]
    for (const one of declarators) {
      const name = nameOf(one?.id)
      if (name !== undefined) declared.set(name, isDocumented)
    }
  }
  return declared
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) for (const one of value) walk(one, visit)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  if ('type' in value) visit(value as Node)
  for (const inner of Object.values(value)) walk(inner, visit)
}

function nameOf(node: unknown): string | undefined {
  const { type, name } = (node ?? {}) as { type?: string; name?: string }
  return type === 'Identifier' ? name : undefined
}

function textOf(node: unknown): string | undefined {
  const { value } = (node ?? {}) as { value?: unknown }
  return typeof value === 'string' ? value : undefined
}

function resolve(path: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier
}
