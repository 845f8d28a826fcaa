import { type Refusal, refuse } from './refusal.ts'
import { readSegment } from './token-format.ts'

/** A token's protected header, checked (RFC 7515 section 4.1). */
export interface TokenHeader {
  readonly alg: string
  readonly typ: string
  readonly kid: string
}

/** How many are remembered: more than one issuer has keys. */
const MOST = 64

/**
 * What changes what a signature means or where a key comes from: RFC 7515 sections 4.1.2 to 4.1.11, RFC 7797, RFC 8725 section 3.10.
 */
const FORBIDDEN = ['crit', 'b64', 'zip', 'jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256']

/** Reads headers, each of those that good tokens have but once: an issuer writes the same few over all of its tokens. */
export class TokenHeaders {
  readonly #known = new Map<string, TokenHeader>()

  read(segment: string): TokenHeader | Refusal {
    return this.#known.get(segment) ?? check(readSegment(segment))
  }

  /** For one that the signature of a good token covers. Others have nothing to put here. */
  remember(segment: string, header: TokenHeader): void {
    if (this.#known.size >= MOST || this.#known.has(segment)) return
    // A text of its own: what was cut out of a token keeps all of it in memory.
    this.#known.set(Buffer.from(segment, 'latin1').toString('latin1'), header)
  }
}

/** `alg`, `typ` and `kid` in their only right kind. */
function check(header: Readonly<Record<string, unknown>> | undefined): TokenHeader | Refusal {
  if (header === undefined) return refuse('TOKEN_MALFORMED')
  const { alg, typ, kid } = header
  if (typeof alg !== 'string' || typeof typ !== 'string' || typeof kid !== 'string')
    return refuse('TOKEN_INVALID')
  if (FORBIDDEN.some((name) => Object.hasOwn(header, name))) return refuse('TOKEN_INVALID')
  return Object.freeze({ alg, typ, kid })
}
