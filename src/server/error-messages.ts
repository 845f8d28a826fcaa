import { GraphQLError, Kind, print } from 'graphql'

/*
 * Messages of graphql-js repeat what the client sent, and that may well be a password or a token, while messages are logged and shown. What is reworded
 * is known by what an error points at, not by its wording, which differs between versions.
 */

const LITERALS: ReadonlySet<string> = new Set([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
])

/** The end of a message of the parser, such as `Expected Name, found String "hunter2".` */
const PARSED_LITERAL = /\b(String|BlockString|Int|Float|Name) ("|-?\d)[^\n]*$/

/** Says that there is no value, and so repeats none. */
const NO_VALUE = /^Variable "\$\w+" of \w+ type "[\w![\]]+" (was not provided|must not be null)\.$/

/** An error of the parser or of validation, without the literal that it is about. */
export function withoutLiteral(error: GraphQLError): GraphQLError {
  const kind = error.nodes?.[0]?.kind
  if (kind !== undefined) {
    return LITERALS.has(kind)
      ? reworded(error, 'A value in the document is not of the type that is expected there.')
      : error
  }
  return reworded(error, error.message.replace(PARSED_LITERAL, '$1.'))
}

/** An error of a result, without the value of the variable that it is about. */
export function withoutVariable(error: GraphQLError): GraphQLError {
  const node = error.nodes?.[0]
  // Rules of validation point at definitions of variables too, and know no values; they have a code by now.
  const isCoercion = error.path === undefined && error.extensions.code === undefined
  if (!isCoercion || node?.kind !== Kind.VARIABLE_DEFINITION || NO_VALUE.test(error.message)) return error
  const { variable, type } = node
  return reworded(error, `The value of "$${variable.name.value}" is not of the type "${print(type)}".`)
}

/** An error without a hint at what else the schema has. */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  return reworded(error, error.message.replace(/ ?Did you mean .*$/s, ''))
}

/** Where it happened stays; the cause goes, whose message is the one that was mended. */
function reworded(error: GraphQLError, message: string): GraphQLError {
  if (message === error.message) return error
  const { nodes, source, positions, extensions } = error
  return new GraphQLError(message, {
    ...(nodes === undefined ? { source: source ?? null, positions: positions ?? null } : { nodes }),
    extensions,
  })
}
