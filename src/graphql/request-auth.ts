import type { GraphQLSchema } from 'graphql'
import { Authentication, type Engine } from '../core/authentication.ts'
import type { Carrier } from '../core/carrier.ts'
import type { TokenType } from '../core/claims.ts'
import type { Refusal } from '../core/refusal.ts'
import type { RevocationTarget } from '../core/sessions.ts'

/**
 * The authentications of one request, shared by all operations in it: the members of a batch verify a token once between them.
 *
 * Adapters hold one. It gives away nothing that judges or signs.
 */
export class RequestAuth {
  readonly #engine: Engine
  readonly #carrier: Carrier
  readonly #byType = new Map<TokenType, Authentication>()

  constructor(engine: Engine, carrier: Carrier) {
    this.#engine = engine
    this.#carrier = carrier
  }

  /** Where the state of an operation is kept on its context. */
  get contextKey(): symbol {
    return this.#engine.contextKey
  }

  /** Whether anything asked for a token of this request: what was answered then depends on who asked. */
  get wasAsked(): boolean {
    return [...this.#byType.values()].some((authentication) => authentication.wasAsked)
  }

  of(type: TokenType): Authentication {
    let authentication = this.#byType.get(type)
    if (authentication === undefined) {
      authentication = new Authentication(this.#engine, this.#carrier, type)
      this.#byType.set(type, authentication)
    }
    return authentication
  }

  revoke(target: RevocationTarget): Promise<Refusal | undefined> {
    return this.#engine.sessions.revoke(target)
  }
}

/** What an adapter needs of an AuthX instance. */
export interface RequestOpener {
  open(carrier: Carrier): RequestAuth
  /** @throws ConfigurationError where a schema has rules and was not protected */
  assertProtected(schema: GraphQLSchema): void
}
