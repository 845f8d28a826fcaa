import { ConfigurationError } from '../../core/configuration-error.ts'
import type { AuthAuditOptions } from '../../testing/auth-audits/options.ts'

/** What the command is given. */
export interface AuditServerFlags {
  readonly query?: string
  readonly login?: string
  readonly variables?: string
  readonly user: string
  readonly password?: string
  readonly passwordStdin?: true
  readonly tokenPath?: string
  readonly wrongTypePath?: string
  readonly cookies?: true
  readonly csrfPath?: string
  readonly csrfHeader?: string
  readonly logout?: string
  readonly mutation?: string
  readonly forbidden?: string
  readonly partial?: string
  readonly subscription?: string
  readonly wsUrl?: string
  readonly sse?: boolean
  readonly expired?: string
  readonly publicKey?: string
  readonly within?: string
  readonly json?: true
}

/** Options whose flags are called otherwise. */
const FLAGS: Partial<Record<keyof AuthAuditOptions, string>> = {
  url: '<url>',
  login: '--token-path',
  wrongType: '--wrong-type-path',
  cookieLogin: '--cookies',
  wsUrl: '--ws-url',
  publicKey: '--public-key',
}

/** The flag that gives an option of the audits. */
export function flagOf(option: keyof AuthAuditOptions): string {
  return FLAGS[option] ?? `--${option}`
}

export function needed(flag: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw new ConfigurationError(`${flag}: is needed beside --query or --login`)
}
