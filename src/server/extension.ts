import { createHash } from 'node:crypto'
import type { IResolvers, TypeSource } from '@graphql-tools/utils'
import type { AuthX } from '../authx.ts'
import { usernameKey } from '../core/account-store.ts'
import { type Allowance, type Attempts, LONGEST_WINDOW } from '../core/attempts.ts'
import type { Patience } from '../core/availability.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { AccountDesk } from './account-desk.ts'
import { type Limit, limitOver } from './limit.ts'
import { sourceKey } from './source-address.ts'

/** Adds fields to the server's schema. It is called once, at the start. */
export type Extend = (parts: ExtensionParts) => SchemaExtension

/** Fields of your own. Their directives are enforced like those of the server's. */
export interface SchemaExtension {
  /** Such as `extend type Mutation { … }`. */
  readonly typeDefs: TypeSource
  /** Of the fields in `typeDefs`; those of the server keep theirs. */
  readonly resolvers: IResolvers
  /**
   * Mutations in `typeDefs` that can be asked for only once in an operation, under whatever aliases, as the server's `login`: those that try a secret, send
   * a mail, or must not tell by their time what another one beside them found.
   *
   * @default none
   */
  readonly once?: readonly string[]
}

/** What fields of your own work with. */
export interface ExtensionParts {
  readonly authx: AuthX
  readonly accounts: AccountDesk
  /**
   * A limit of your own, counted where the server counts logins: in its database, for all its processes. Keys are hashed; spellings of one username are one
   * key, and so are the addresses of one IPv6 network.
   *
   * @throws ConfigurationError where the allowance is wrong, or its name is taken
   */
  limit(allowance: Allowance): Limit
}

/** Makes the limits of one server's extension. */
export function createLimits(attempts: Attempts, patience: Patience): ExtensionParts['limit'] {
  const names = new Set<string>()
  return ({ name, tries, window }) => {
    if (!/^[a-z][a-z0-9-]{0,31}$/.test(name) || names.has(name)) {
      throw new ConfigurationError(
        `limit: name must be 1 to 32 of a-z, 0-9 and -, and there may be one limit of a name; ${JSON.stringify(name)} is not`,
      )
    }
    requireWhole(name, 'tries', tries, Number.MAX_SAFE_INTEGER)
    requireWhole(name, 'window', window, LONGEST_WINDOW)
    names.add(name)
    // The prefix keeps it apart from the server's own counters.
    const limit = limitOver(attempts.counter({ name: `own-${name}`, tries, window }), patience)
    return Object.freeze<Limit>({ take: (key) => limit.take(hashed(key)) })
  }
}

function requireWhole(name: string, what: string, value: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return
  throw new ConfigurationError(`limit ${name}: ${what} must be a whole number from 1 to ${most}`)
}

function hashed(key: string): string {
  return createHash('sha256')
    .update(usernameKey(sourceKey(key)))
    .digest('base64url')
}
