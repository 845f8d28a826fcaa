import type { ExecutionArgs } from 'graphql'
import type { Carrier } from '../core/carrier.ts'
import type { Admission } from './admission.ts'
import { distinctValues, type HeadersLike, urlValues, type WithNodeRequest } from './request-headers.ts'
import type { ServedRequest } from './served-request.ts'
import type { Serving } from './serving.ts'

/** What is used of the `Request` that graphql-http and graphql-sse hand to their hooks, whichever server it came to. */
export interface HandlerRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeadersLike
  /** The server's own. */
  readonly raw: unknown
  readonly context: unknown
}

/** How a request of theirs enters. */
export class HandlerCarrier implements Carrier {
  readonly #request: HandlerRequest

  constructor(request: HandlerRequest) {
    this.#request = request
  }

  get method(): string {
    return this.#request.method
  }

  queryValues(name: string): readonly string[] {
    return urlValues(this.#request.url, name)
  }

  headerValues(name: string): readonly string[] {
    return distinctValues(this.#request.raw as WithNodeRequest | null, this.#request, name)
  }
}

/** What becomes of an operation, before it runs: its schema may be one that was given for it alone. */
export function admit(
  serving: Serving,
  args: ExecutionArgs,
): undefined | Admission | Promise<Admission | undefined> {
  const unprotected = serving.refuseUnprotected(args.schema)
  return unprotected === undefined ? serving.admit(args) : { errors: [unprotected] }
}

/**
 * A context as one operation gets it. A copy: one and the same may be given to every request.
 *
 * @throws TypeError where it is no object
 */
export function ownContext(given: unknown): object {
  if (typeof given !== 'object' || given === null) throw new TypeError('`context` has to be an object')
  return Object.assign(Object.create(Object.getPrototypeOf(given)), given) as object
}

/** The requests that a handler serves, each opened once, and the contexts of their operations. */
export function servedRequests(begin: (req: HandlerRequest) => ServedRequest): {
  open(req: HandlerRequest): ServedRequest
  /** Throws as {@link ownContext} does. */
  fill(req: HandlerRequest, given: unknown, params: { readonly extensions?: unknown }): object
} {
  const requests = new WeakMap<HandlerRequest, ServedRequest>()
  const open = (req: HandlerRequest): ServedRequest => {
    const opened = requests.get(req) ?? begin(req)
    requests.set(req, opened)
    return opened
  }
  return {
    open,
    fill(req, given, params) {
      const context = ownContext(given)
      return Object.assign(context, open(req).contextMembers(context, params.extensions))
    },
  }
}
