import {
  type DocumentNode,
  type FieldNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { ReadDocument } from './settings.ts'

/** Another way to ask for the same. */
export interface Way {
  readonly name: string
  readonly query: string
  readonly operationName?: string
}

/** The same fields under so many names each, and which name stands for which field. */
export interface Storm {
  readonly query: string
  /** From data of the storm to data as the document has it, one for each round. */
  rounds(data: unknown): readonly Readonly<Record<string, unknown>>[]
}

export function storm({ document }: ReadDocument, count: number): Storm {
  const operation = operationOf(document)
  const fields = operation.selectionSet.selections.filter((one): one is FieldNode => one.kind === Kind.FIELD)
  const numbers = Array.from({ length: count }, (_, at) => at)
  const selections = numbers.flatMap((at) =>
    fields.map((field) => ({ ...field, alias: name(`a${at}_${keyOf(field)}`) })),
  )
  return {
    query: printWith(document, operation, selections),
    rounds(data) {
      if (typeof data !== 'object' || data === null) return []
      const values = data as Readonly<Record<string, unknown>>
      return numbers.map((at) =>
        Object.fromEntries(fields.map((field) => [keyOf(field), values[`a${at}_${keyOf(field)}`] ?? null])),
      )
    },
  }
}

/** Ways that a check which looks at a document's first field, or at its text, does not see. */
export function waysToAsk({ document }: ReadDocument): readonly Way[] {
  const operation = operationOf(document)
  const { selections } = operation.selectionSet
  const way = (title: string, ...inside: SelectionNode[]): Way => ({
    name: title,
    query: printWith(document, operation, inside),
  })
  const typename: FieldNode = { kind: Kind.FIELD, name: name('__typename') }
  return [
    way('after __typename', typename, ...selections),
    way('in an inline fragment', inline(selections)),
    way('in fragments in fragments', inline([typename, inline([inline(selections)])])),
    way('under @include', inline(selections, 'include(if: true)')),
    way('under @skip', typename, inline(selections, 'skip(if: false)')),
    { name: 'in a named fragment', query: inNamedFragment(document, operation) },
    {
      name: 'in the second operation',
      query: `query AuditedFirst { __typename }\n${print(named(document, operation, 'AuditedSecond'))}`,
      operationName: 'AuditedSecond',
    },
  ]
}

/** The document with all it asks for deferred. */
export function deferred({ document }: ReadDocument): string {
  const operation = operationOf(document)
  const typename: FieldNode = { kind: Kind.FIELD, name: name('__typename') }
  return printWith(document, operation, [typename, inline(operation.selectionSet.selections, 'defer')])
}

function operationOf(document: DocumentNode): OperationDefinitionNode {
  const operation = getOperationAST(document)
  if (operation == null) throw new TypeError('a document of an audit has one operation')
  return operation
}

function printWith(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  selections: readonly SelectionNode[],
): string {
  const changed = { ...operation, selectionSet: { ...operation.selectionSet, selections } }
  return print(replaced(document, operation, changed))
}

function replaced(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  by: OperationDefinitionNode,
): DocumentNode {
  return { ...document, definitions: document.definitions.map((one) => (one === operation ? by : one)) }
}

function named(document: DocumentNode, operation: OperationDefinitionNode, as: string): DocumentNode {
  return replaced(document, operation, { ...operation, name: name(as) })
}

/** A fragment needs the name of the root type, which a client learns by asking; `Query` is nearly everybody's. */
function inNamedFragment(document: DocumentNode, operation: OperationDefinitionNode): string {
  const spread = selectionsOf('{ ...Audited }')
  const fragment = `fragment Audited on Query ${print(operation.selectionSet)}`
  return `${printWith(document, operation, spread)}\n${fragment}`
}

function inline(selections: readonly SelectionNode[], directive?: string): SelectionNode {
  const [shell] = selectionsOf(`{ ... ${directive === undefined ? '' : `@${directive}`} { __typename } }`)
  if (shell?.kind !== Kind.INLINE_FRAGMENT) throw new TypeError('an inline fragment was written')
  return { ...shell, selectionSet: { kind: Kind.SELECTION_SET, selections } as SelectionSetNode }
}

function selectionsOf(source: string): readonly SelectionNode[] {
  return operationOf(parse(source, { noLocation: true })).selectionSet.selections
}

function name(value: string): { readonly kind: typeof Kind.NAME; readonly value: string } {
  return { kind: Kind.NAME, value }
}

function keyOf({ alias, name: field }: FieldNode): string {
  return (alias ?? field).value
}
