import { ConfigurationError } from '../core/configuration-error.ts'
import { type TokenParts, takeApart } from '../core/token-format.ts'

/** @throws ConfigurationError where a text is no token; whether it is a good one is another question */
export function partsOf(text: string): TokenParts {
  const parts = takeApart(text)
  if ('payload' in parts) return parts
  throw new ConfigurationError('token: this is no token; one has three parts of base64url, joined by dots')
}
