import type { IncomingMessage } from 'node:http'
import type { Carrier } from '../../../core/carrier.ts'
import { rawValues } from '../../../core/raw-headers.ts'
import { headerValues } from '../../handler-request.ts'
import type { ApolloRequestContext } from './shapes.ts'

/** How a request of Apollo's enters. */
export class ApolloCarrier implements Carrier {
  readonly #http: ApolloRequestContext['request']['http']
  readonly #req: Partial<IncomingMessage> | undefined

  /** What is there at the start counts, whatever other plugins put in its place. */
  constructor({ request, contextValue }: ApolloRequestContext) {
    this.#http = request.http
    this.#req = (contextValue as { readonly req?: Partial<IncomingMessage> }).req
  }

  /** An operation that comes without HTTP has none. */
  get method(): string {
    return this.#http?.method ?? ''
  }

  queryValues(name: string): readonly string[] {
    return new URLSearchParams(this.#http?.search).getAll(name)
  }

  headerValues(name: string): readonly string[] {
    const raw = rawValues(this.#req?.rawHeaders, name)
    if (raw.length > 0) return raw
    return this.#http === undefined ? [] : headerValues(this.#http, name)
  }
}
