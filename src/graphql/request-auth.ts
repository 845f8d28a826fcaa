import { Authentication, type Engine } from '../core/authentication.ts'
import type { Carrier } from '../core/carrier.ts'
import type { TokenType } from '../core/claims.ts'

/**
 * The authentications of one request, shared by all operations in it: the members of a batch verify a token once between them.
 */
export class RequestAuth {
  readonly engine: Engine
  readonly #carrier: Carrier
  readonly #byType = new Map<TokenType, Authentication>()
  readonly #subjects = new Map<string, Promise<unknown>>()

  constructor(engine: Engine, carrier: Carrier) {
    this.engine = engine
    this.#carrier = carrier
  }

  /** Whether anything asked for a token of this request: what was answered then depends on who asked. */
  get wasAsked(): boolean {
    return [...this.#byType.values()].some((authentication) => authentication.wasAsked)
  }

  of(type: TokenType): Authentication {
    let authentication = this.#byType.get(type)
    if (authentication === undefined) {
      authentication = new Authentication(this.engine, this.#carrier, type)
      this.#byType.set(type, authentication)
    }
    return authentication
  }

  /** Whom the request's tokens are for, loaded by the first who asks. */
  subject(sub: string, load: () => Promise<unknown>): Promise<unknown> {
    const subject = this.#subjects.get(sub) ?? load()
    this.#subjects.set(sub, subject)
    return subject
  }
}

/** What an adapter needs of an AuthX instance. */
export interface RequestOpener {
  open(carrier: Carrier): RequestAuth
}
