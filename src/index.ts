export { type AuthX, createAuthX } from './authx.ts'
export type { AuditEvent, AuditHook, AuditHooks, AuditReason } from './core/audit.ts'
export type { Carrier } from './core/carrier.ts'
export type { AccessClaims, Claims, RefreshClaims, TokenType } from './core/claims.ts'
export { ConfigurationError } from './core/configuration-error.ts'
export type { TokenInput, TokenPair } from './core/issuer.ts'
export type { Algorithm, KeyOptions } from './core/keys.ts'
export { bearerHeader, type TokenLocation } from './core/locations.ts'
export type { Logger } from './core/logger.ts'
export type { RefusalCode, RefusalReason } from './core/refusal.ts'
export { RequestToken } from './core/request-token.ts'
export type { TokenBlocklistCallback, TokenDetails } from './core/revocation.ts'
export type { LoginInput, RevocationTarget, Session } from './core/sessions.ts'
export type { AuthXOptions } from './core/settings.ts'
export type { SubjectDetails, SubjectGetter } from './core/subject.ts'
export { AuthError } from './graphql/auth-error.ts'
export type {
  Authenticated,
  AuthXContext,
  CheckedAuth,
  Refreshing,
  UncheckedAuth,
  WithOptionalToken,
} from './graphql/context.ts'
