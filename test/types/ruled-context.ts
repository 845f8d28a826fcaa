import type { AuthXContext } from '../../src/index.ts'

/** A context with a subject, and members of the server's own. */
export interface RuledContext extends AuthXContext<{ readonly name: string }> {
  readonly database: { count(): number }
}

/** What two fields get that name a context type of their own. */
export interface OwnContext extends RuledContext {
  readonly cart: { readonly size: number }
}
