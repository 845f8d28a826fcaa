import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  parseValue,
  valueFromASTUntyped,
  visit,
} from 'graphql'
import { ConfigurationError } from '../core/configuration-error.ts'

/** What the router's directives are called in a document: `@link` can rename them. */
export interface RouterNames {
  readonly authenticated: string
  readonly requiresScopes: string
}

/** As `@link(import:)` has it. */
type Import = string | { readonly name: string; readonly as?: string }

const FEDERATION = /^https:\/\/specs\.apollo\.dev\/federation\/v(\d+)\.(\d+)$/

/** The first federation that has both directives. */
const SINCE = { major: 2, minor: 5 }

/**
 * The document, importing the router's directives from federation.
 *
 * @throws ConfigurationError where it imports no federation that has them
 */
export function importFederation(document: DocumentNode): { document: DocumentNode; names: RouterNames } {
  let found: readonly Import[] | undefined
  const made = visit(document, {
    Directive(node) {
      const imports = readImports(node as ConstDirectiveNode)
      if (imports === undefined) return undefined
      const missing = ['@authenticated', '@requiresScopes'].filter(
        (name) => nameOf(imports, name) === undefined,
      )
      found = [...imports, ...missing]
      const value = parseValue(valueText(found))
      const others = (node.arguments ?? []).filter(({ name }) => name.value !== 'import')
      return {
        ...node,
        arguments: [...others, { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'import' }, value }],
      }
    },
  })
  if (found === undefined) {
    throw new ConfigurationError(
      `routerSdl: the SDL has to import federation ${SINCE.major}.${SINCE.minor} or later: extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])`,
    )
  }
  const authenticated = nameOf(found, '@authenticated') ?? ''
  const requiresScopes = nameOf(found, '@requiresScopes') ?? ''
  return { document: made, names: { authenticated, requiresScopes } }
}

/** Undefined where the directive is no `@link` to a federation that is new enough. */
function readImports({ name, arguments: given = [] }: ConstDirectiveNode): readonly Import[] | undefined {
  if (name.value !== 'link') return undefined
  const values: { url?: unknown; import?: unknown } = Object.fromEntries(
    given.map((one) => [one.name.value, valueFromASTUntyped(one.value)]),
  )
  const [, major, minor] = FEDERATION.exec(String(values.url)) ?? []
  if (Number(major) !== SINCE.major || Number(minor) < SINCE.minor) return undefined
  return (values.import ?? []) as readonly Import[]
}

function nameOf(imports: readonly Import[], wanted: string): string | undefined {
  const found = imports.find((one) => (typeof one === 'string' ? one : one.name) === wanted)
  return (typeof found === 'string' ? found : (found?.as ?? found?.name))?.slice(1)
}

function valueText(imports: readonly Import[]): string {
  const texts = imports.map((one) =>
    typeof one === 'string'
      ? JSON.stringify(one)
      : `{name: ${JSON.stringify(one.name)}${one.as === undefined ? '' : `, as: ${JSON.stringify(one.as)}`}}`,
  )
  return `[${texts.join(', ')}]`
}
