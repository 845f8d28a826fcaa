import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  NoFragmentCyclesRule,
  NoSchemaIntrospectionCustomRule,
  NoUnusedFragmentsRule,
  syntaxError,
  TokenKind,
  type ValidationRule,
} from 'graphql'
import { crowdRule, documentSizeRule, onceRule } from './document-rules.ts'
import type { RequestLimitSettings } from './settings.ts'

/** Each checks a credential or ends one: many in one operation are an attack, and would pass by a limit of requests. */
const ONCE = ['login', 'refresh', 'logout', 'revoke']

/** Characters. Messages repeat names, one for each error. */
const LONGEST_NAME = 255

/** After so many an invalid document is not looked at any further. */
const MOST_ERRORS = 10

/** Fields that may share one place in the answer: two of them are compared with each other, and each with all the others. */
const MOST_IN_ONE_PLACE = 50

/** What validates a document by rules, as graphql-js does it. */
export type Validate = (
  schema: GraphQLSchema,
  document: DocumentNode,
  rules?: readonly ValidationRule[],
  options?: { readonly maxErrors: number },
) => readonly GraphQLError[]

/** @throws GraphQLError a syntax error, where a name is longer than anybody needs */
export function refuseLongNames({ loc }: DocumentNode): void {
  for (let token = loc?.startToken; token != null; token = token.next ?? undefined) {
    if (token.kind === TokenKind.NAME && token.end - token.start > LONGEST_NAME && loc !== undefined) {
      throw syntaxError(loc.source, token.start, `A name is longer than ${LONGEST_NAME} characters.`)
    }
  }
}

/**
 * Validates in passes, of which the first that finds something is the last: what is too large for the rules of graphql-js is never shown to them, and
 * what a rule of ours takes for granted was asked before.
 *
 * @param options `once`: mutations, beside those of the server, that can be asked for only once in an operation
 */
export function inPasses(
  limits: RequestLimitSettings,
  { introspection, once }: { readonly introspection: boolean; readonly once: readonly string[] },
): (validate: Validate) => Validate {
  const measured = [
    NoFragmentCyclesRule,
    // Nobody would have measured those.
    NoUnusedFragmentsRule,
    documentSizeRule(limits),
    onceRule(new Set([...ONCE, ...once])),
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
  ]
  const limiting = [measured, [crowdRule(MOST_IN_ONE_PLACE)]]
  return (validate) => (schema, document, rules) => {
    for (const pass of limiting) {
      const errors = validate(schema, document, pass, { maxErrors: MOST_ERRORS })
      if (errors.length > 0) return errors
    }
    return validate(schema, document, rules, { maxErrors: MOST_ERRORS })
  }
}
