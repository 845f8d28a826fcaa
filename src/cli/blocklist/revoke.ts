import { isName } from '../../core/claims.ts'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { endAll } from '../endings.ts'
import { withInstance } from '../instance.ts'
import { print } from '../printing.ts'
import { readStdin } from '../stdin.ts'
import { partsOf } from '../token-parts.ts'

/** What to revoke; one of them. */
export interface RevokeOptions {
  readonly sid?: string
  readonly jti?: string
  readonly sub?: string
  readonly tokenStdin?: true
}

/** `graphql-authx blocklist revoke` */
export async function revoke(options: RevokeOptions): Promise<void> {
  const given = Object.entries(options) as [keyof RevokeOptions, string | true][]
  const [first, ...others] = given
  if (first === undefined || others.length > 0) {
    throw new ConfigurationError('blocklist revoke: give one of --sid, --jti, --sub and --token-stdin')
  }
  const [way, value] = first
  if (value !== true && !isName(value)) {
    throw new ConfigurationError(`--${way}: must be 1 to 255 characters`)
  }
  if (way === 'sub') {
    const ended = await withInstance(({ store }) => endAll(store, value as string))
    print(`Revoked all that the subject holds, ${ended} sessions.`)
    return
  }
  const target = way === 'tokenStdin' ? { token: await readToken() } : { [way]: value as string }
  await withInstance(({ authx }) => authx.revoke(target as { token: string }))
  print(way === 'jti' ? 'Revoked the token.' : 'Revoked the session.')
}

/** The mutation answers any text alike, so that nobody can ask it which tokens are real; an operator wants to know. */
async function readToken(): Promise<string> {
  const token = await readStdin()
  partsOf(token)
  return token
}
