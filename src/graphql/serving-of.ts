import { ConfigurationError } from '../core/configuration-error.ts'
import type { Serving } from './serving.ts'

/**
 * What an adapter was handed as its first argument. Without an instance there is nobody to ask, and a server would start all the same.
 *
 * @param adapter the function's name
 * @throws ConfigurationError
 */
export function servingOf(adapter: string, authx: { readonly serving: Serving }): Serving {
  const { serving } = (authx ?? {}) as { readonly serving?: Partial<Serving> }
  if (typeof serving?.beginServing === 'function') return authx.serving
  throw new ConfigurationError(`${adapter}: first argument: an AuthX instance, as createAuthX makes it`)
}
