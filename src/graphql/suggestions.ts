import { GraphQLError } from 'graphql'

/** An error of validation without its hint at what else the schema has. Where it happened stays. */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ ?Did you mean .*$/s, '')
  if (message === error.message) return error
  const { nodes, source, positions, extensions } = error
  return new GraphQLError(message, {
    ...(nodes === undefined ? { source: source ?? null, positions: positions ?? null } : { nodes }),
    extensions,
  })
}
