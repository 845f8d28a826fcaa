import { createHmac, type KeyObject, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import jwt from 'jsonwebtoken'
import type { Fault } from './handmade-faults.ts'
import { testKey } from './keys.ts'

/** Whoever asks. */
export interface HandmadeCaller {
  /** Empty where none came. */
  readonly token: string
  readonly isGood: boolean
}

type Claims = Record<string, unknown>

/** Its tokens, and who asks by them. */
export interface HandmadeCredentials {
  readonly publicKey: string
  expired(): string
  login(): { readonly accessToken: string; readonly refreshToken: string }
  /** Whether it was ever issued. */
  wasGood(token: string): boolean
  onLogout(token: string, end: () => void): void
  /** Everything in a request that may be a token. */
  tokensIn(request: IncomingMessage, parameters: URLSearchParams): readonly string[]
  callerOf(tokens: readonly string[]): HandmadeCaller
  logout(token: string): boolean
}

/** Tokens of a server that was made by hand with jsonwebtoken, and who has logged out. */
export function createCredentials(has: (fault: Fault) => boolean): HandmadeCredentials {
  const { signing, verifying } = testKey('RS256')
  const publicKey = (verifying as KeyObject).export({ type: 'spki', format: 'pem' }).toString()
  const ended = new Set<string>()
  const known = new Set<string>()
  const endings = new Map<string, () => void>()
  let hasAnybodyLoggedOut = false

  const issue = (typ: string, expiresIn = 900): string => {
    // As jsonwebtoken signs by itself: whatever happens in a second looks the same.
    const jwtid = has('same-token') ? `${Math.floor(Date.now() / 1000)}` : randomUUID()
    const options = { algorithm: 'RS256', expiresIn, jwtid, subject: 'ada' } as const
    const token = jwt.sign({ typ }, signing as KeyObject, options)
    known.add(token)
    return token
  }

  function claimsOf(token: string): Claims | undefined {
    const { alg } = headerOf(token)
    const [header, payload = '', signature] = token.split('.')
    const isSignedBy = (secret: string): boolean =>
      alg === 'HS256' &&
      createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url') === signature
    const isTaken =
      has('verifies-nothing') ||
      (has('takes-none') && String(alg).toLowerCase() === 'none') ||
      (has('known-secret') && isSignedBy('secret')) ||
      (has('public-key-as-secret') && isSignedBy(publicKey))
    if (isTaken) return (jwt.decode(token) as Claims | null) ?? undefined
    try {
      const options = { algorithms: ['RS256' as const], ignoreExpiration: has('ignores-expiry') }
      return jwt.verify(token, verifying as KeyObject, options) as Claims
    } catch {
      return undefined
    }
  }

  function isGood(token: string): boolean {
    const claims = claimsOf(token)
    if (claims === undefined) return has('takes-anything') && token !== ''
    if (claims.typ !== 'access' && !has('any-type')) return false
    if (has('logout-everywhere') && hasAnybodyLoggedOut && known.has(token)) return !known.delete(token)
    return !ended.has(has('blocklist-by-text') ? token : String(claims.jti))
  }

  return {
    publicKey,
    expired: () => issue('access', -10),
    login: () => ({ accessToken: issue('access'), refreshToken: issue('refresh') }),
    wasGood: (token) => known.has(token),
    onLogout: (token, end) => void endings.set(token, end),
    tokensIn(request, parameters) {
      const scheme = has('case-sensitive') ? /^Bearer +(.*)$/ : /^bearer +(.*)$/i
      const lines = request.headersDistinct.authorization ?? []
      const inHeaders = lines.map((line) => scheme.exec(line)?.[1] ?? '')
      const inUrl = has('token-in-url') ? parameters.getAll('access_token') : []
      return [...inHeaders, ...inUrl]
    },
    callerOf(tokens) {
      const [first = '', ...more] = tokens
      if (has('any-header')) {
        const token = tokens.find(isGood)
        if (token !== undefined) return { token, isGood: true }
      }
      if (more.length > 0 && !has('first-header')) return { token: first, isGood: false }
      return { token: first, isGood: isGood(first) }
    },
    logout(token) {
      const key = has('blocklist-by-text') ? token : String((jwt.decode(token) as Claims | null)?.jti)
      if (has('logout-everywhere')) hasAnybodyLoggedOut = true
      if (has('late-logout')) setTimeout(() => ended.add(key), 60)
      else if (!has('no-logout')) ended.add(key)
      if (has('forgetful')) setTimeout(() => ended.delete(key), 60)
      endings.get(token)?.()
      return true
    },
  }
}

function headerOf(token: string): Claims {
  try {
    return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')) ?? {}
  } catch {
    return {}
  }
}
