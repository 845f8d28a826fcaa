import { Kind, OperationTypeNode, parse, print, visit } from 'graphql'

/** One part of an answer, as graphql 16's way has them. */
export interface Part {
  readonly data?: unknown
  readonly errors?: readonly object[]
  readonly incremental?: readonly (Part & { readonly path?: readonly (string | number)[] })[]
}

/** The same request, with everything that a query selects deferred. What stands at the root of a mutation cannot be. */
export function deferred(body: object): object {
  const { query } = body as { readonly query?: unknown }
  if (typeof query !== 'string') return body
  const document = visit(parse(query), {
    OperationDefinition(operation) {
      if (operation.operation !== OperationTypeNode.QUERY) return false
      const name = { kind: Kind.NAME, value: 'defer' } as const
      const fragment = {
        kind: Kind.INLINE_FRAGMENT,
        directives: [{ kind: Kind.DIRECTIVE, name }],
        selectionSet: operation.selectionSet,
      } as const
      return { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: [fragment] } }
    },
  })
  return { ...body, query: print(document) }
}

/** What an answer in parts comes to. A part that is null as a whole makes all of its place null, as it would be had it not been deferred. */
export function whole([first, ...later]: readonly Part[]): Part {
  const incremental = later.flatMap((part) => part.incremental ?? [])
  const errors = [first ?? {}, ...later, ...incremental].flatMap((part) => part.errors ?? [])
  let { data } = first ?? {}
  for (const part of incremental) {
    if ((part.path ?? []).length > 0) throw new Error('only what stands at the root is deferred')
    data = part.data === null ? null : { ...(data as object), ...(part.data as object) }
  }
  return { ...(data === undefined ? {} : { data }), ...(errors.length > 0 ? { errors } : {}) }
}
