import type { IncomingMessage } from 'node:http'
import type { Carrier } from '../../../core/carrier.ts'
import { rawValues } from '../../../core/raw-headers.ts'
import type { ApolloRequestContext } from './shapes.ts'

/** How a request of Apollo's enters. */
export class ApolloCarrier implements Carrier {
  readonly #context: ApolloRequestContext

  constructor(context: ApolloRequestContext) {
    this.#context = context
  }

  /** An operation that comes without HTTP has none. */
  get method(): string {
    return this.#context.request.http?.method ?? ''
  }

  queryValues(name: string): readonly string[] {
    return new URLSearchParams(this.#context.request.http?.search).getAll(name)
  }

  headerValues(name: string): readonly string[] {
    const { request, contextValue } = this.#context
    const { req } = contextValue as { readonly req?: Partial<IncomingMessage> }
    const raw = rawValues(req?.rawHeaders, name)
    if (raw.length > 0) return raw
    const value = request.http?.headers.get(name)
    return value === undefined ? [] : [value]
  }
}
