import type { GraphQLSchema } from 'graphql'
import { Authentication, type Engine } from '../core/authentication.ts'
import type { Carrier } from '../core/carrier.ts'
import type { TokenType } from '../core/claims.ts'
import type { Refusal } from '../core/refusal.ts'
import type { SubjectDetails } from '../core/subject.ts'
import { loadSubject } from './subject.ts'

/**
 * The authentications of one request, shared by all operations in it: the members of a batch verify a token once between them.
 *
 * Adapters hold one. It gives away nothing that judges or signs.
 */
export class RequestAuth {
  readonly #engine: Engine
  readonly #carrier: Carrier
  readonly #byType = new Map<TokenType, Authentication>()
  readonly #subjects = new Map<string, Promise<unknown>>()

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

  revoke(...how: Parameters<Engine['sessions']['revoke']>): Promise<Refusal | undefined> {
    return this.#engine.sessions.revoke(...how)
  }

  /** Whom the request's tokens are for, loaded by the first who asks. */
  subject(details: SubjectDetails): Promise<unknown> {
    const { sub } = details.claims
    const subject = this.#subjects.get(sub) ?? loadSubject(this.#engine, details)
    this.#subjects.set(sub, subject)
    return subject
  }
}

/** What an adapter needs of an AuthX instance. */
export interface RequestOpener {
  open(carrier: Carrier): RequestAuth
  /** @throws ConfigurationError where a schema has rules and was not protected */
  assertProtected(schema: GraphQLSchema): void
}
