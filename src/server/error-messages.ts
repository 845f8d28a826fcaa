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

/**
 * Ends of messages of the parser that show what was read, and what to put in their place. A text may have line ends, and quotes.
 *
 * `Expected Name, found String "hunter2".`, `Invalid Unicode escape sequence: "\\uhunt".`, `Unexpected variable "$hunter2" in constant value.`, and of
 * graphql 17 `Invalid number, expected digit before ".", did you mean "0.42"?`
 */
const READ: readonly (readonly [RegExp, string])[] = [
  [/\b(String|BlockString|Int|Float|Name) ".*$/s, '$1.'],
  [/^(Syntax Error: [^:"]*): .*$/s, '$1.'],
  [/ "\$.*" in constant value\.$/s, ' in constant value.'],
  [/, did you mean "0\..*$/s, '.'],
]

/** Longer than any message that somebody would read to its end. */
const LONGEST_MESSAGE = 500

/** The places in the document that one error may name. */
const MOST_PLACES = 10

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
  return reworded(
    error,
    READ.reduce((message, [read, instead]) => message.replace(read, instead), error.message),
  )
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

/** An error that says no more than a person can read. Names in it are the client's, who may repeat them as often as a document has room for. */
export function brief(error: GraphQLError): GraphQLError {
  const { message, nodes = [] } = error
  const short = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message
  return nodes.length > MOST_PLACES ? remade(error, short) : reworded(error, short)
}

/** Where it happened stays; the cause goes, whose message is the one that was mended. */
function reworded(error: GraphQLError, message: string): GraphQLError {
  return message === error.message ? error : remade(error, message)
}

function remade(error: GraphQLError, message: string): GraphQLError {
  const { nodes, source, positions, extensions } = error
  return new GraphQLError(message, {
    ...(nodes === undefined
      ? { source: source ?? null, positions: positions ?? null }
      : { nodes: nodes.slice(0, MOST_PLACES) }),
    extensions,
  })
}
