import type { Carrier } from '../../../core/carrier.ts'
import { distinctValues, type WithNodeRequest } from '../../request-headers.ts'
import type { ApolloRequestContext } from './shapes.ts'

/** How a request of Apollo's enters. */
export class ApolloCarrier implements Carrier {
  readonly #http: ApolloRequestContext['request']['http']
  readonly #req: WithNodeRequest | undefined

  /** What is there at the start counts, whatever other plugins put in its place. */
  constructor({ request, contextValue }: ApolloRequestContext) {
    this.#http = request.http
    this.#req = (contextValue as { readonly req?: WithNodeRequest }).req
  }

  /** An operation that comes without HTTP has none. */
  get method(): string {
    return this.#http?.method ?? ''
  }

  queryValues(name: string): readonly string[] {
    return new URLSearchParams(this.#http?.search).getAll(name)
  }

  headerValues(name: string): readonly string[] {
    return distinctValues(this.#req, this.#http, name)
  }
}
