import { GraphQLError } from 'graphql'
import type { TurnedAway } from '../core/foreign-requests.ts'
import { checkNames, readOrigins } from '../core/option-checks.ts'

/** What adapters take beside the instance. */
export interface OriginOptions {
  /**
   * Where tokens travel in cookies: the origins of other pages that may ask, such as `https://app.example.com`; name them in the server's CORS as well.
   *
   * @default none
   */
  readonly origins?: readonly string[]
}

/**
 * The origins that an adapter was given.
 *
 * @param name of the adapter, for messages
 * @throws ConfigurationError where an option is wrong
 */
export function originsOf(name: string, options: OriginOptions): readonly string[] {
  checkNames(name, options, { origins: true })
  return readOrigins(`${name}.origins`, options.origins ?? [])
}

/** What a page that may not ask is answered, on servers that take a status out of an error's `extensions.http`. */
export function turnedAwayError({ status, message }: TurnedAway): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status } } })
}
