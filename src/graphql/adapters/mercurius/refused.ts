import { type DocumentNode, GraphQLError, Kind } from 'graphql'
import { MissingContextError } from '../../missing-context.ts'
import { turnedAwayError } from '../../origins.ts'
import { type HttpOutcome, outcomeOf } from '../../outcome.ts'
import type { ServedRequest } from '../../served-request.ts'
import type { ServedSocket } from '../../sockets/served-socket.ts'
import type { MercuriusContext, MercuriusReply } from './shapes.ts'

/** Thrown instead of executing an operation. Mercurius takes `errors` for the answer, as of its own errors of validation. */
export class Refused extends Error {
  readonly errors: readonly GraphQLError[]
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  /** Those of the first, for formatters that do not look into `errors`. */
  readonly extensions: Readonly<Record<string, unknown>>

  /** @param outcome default: what the first error carries; no error is sent with that */
  constructor(errors: readonly GraphQLError[], outcome?: HttpOutcome, options?: ErrorOptions) {
    super(errors[0]?.message, options)
    const { http, ...extensions } = (errors[0]?.extensions ?? {}) as { http?: { status?: number } }
    this.errors = http === undefined ? errors : [new GraphQLError(this.message, { extensions })]
    this.extensions = extensions
    this.statusCode = outcome?.status ?? http?.status ?? 400
    this.headers = outcome?.headers ?? {}
  }
}

/** The app is not as it should be: Mercurius logs why, and the client is told nothing. */
export function broken(cause: unknown): Refused {
  const { message, extensions } = new MissingContextError()
  return new Refused([new GraphQLError(message, { extensions })], undefined, { cause })
}

/** The user's context function gave one object for two requests. */
export function sharedContext(): Refused {
  return broken(new Error('the option `context` of Mercurius gives one object twice; make one per request'))
}

/** What the user's own context function threw, with the status and challenge of a refusal where it is one. No hook of Mercurius has been called by then. */
export function refusedBy(error: unknown, reply: MercuriusReply): unknown {
  const errors = error instanceof GraphQLError ? [error] : []
  const outcome = outcomeOf({ errors })
  if (outcome === undefined) return error
  for (const [name, value] of Object.entries(outcome.headers)) reply.header(name, value)
  return new Refused(errors, outcome)
}

/** @throws Refused */
export function turnAway(opened: ServedRequest | ServedSocket, origins: readonly string[]): void {
  const away = opened.turnAway(origins)
  if (away === undefined) return
  throw new Refused([turnedAwayError(away)])
}

/**
 * By GET nothing may be done but ask. Mercurius sees to that for the operation that is named, but executes another one where it has compiled the document for that; and for HEAD,
 * which Fastify answers on the same routes, it looks at nothing. So all operations of the document count.
 *
 * @throws Refused
 */
export function refuseUnsafe({ definitions }: DocumentNode, { reply }: MercuriusContext): void {
  const method = reply?.request.method
  if (method !== 'GET' && method !== 'HEAD') return
  const asks = definitions.every((one) => one.kind !== Kind.OPERATION_DEFINITION || one.operation === 'query')
  if (asks) return
  throw new Refused([
    turnedAwayError({ status: 405, message: `Operation cannot be performed via a ${method} request` }),
  ])
}
