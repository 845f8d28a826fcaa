export { type AuthX, createAuthX } from './authx.ts'
export {
  type Account,
  type AccountChange,
  type AccountDirectory,
  type AccountStore,
  type PasswordReplacement,
  usernameKey,
} from './core/account-store.ts'
export type { AuditEvent, AuditHook, AuditHooks, AuditReason } from './core/audit.ts'
export type {
  BlocklistStore,
  EpochReading,
  LogEntry,
  LogPage,
  Revocation,
  TokenIdentity,
} from './core/blocklist.ts'
export type { Carrier } from './core/carrier.ts'
export type { AccessClaims, Claims, RefreshClaims, TokenType } from './core/claims.ts'
export { ConfigurationError } from './core/configuration-error.ts'
export type { RefreshScopes } from './core/cookies.ts'
export type { RevocationTarget } from './core/endings.ts'
export type { TurnedAway } from './core/foreign-requests.ts'
export type { TokenInput, TokenPair } from './core/issuer.ts'
export type { Algorithm, KeyOptions } from './core/keys.ts'
export type {
  CookieOptions,
  CsrfOptions,
  LocationList,
  LocationName,
  LocationOptions,
} from './core/location-settings.ts'
export {
  type BearerHeaderOptions,
  bearerHeader,
  jsonExtension,
  queryParameter,
  type TokenLocation,
} from './core/locations.ts'
export type { Logger } from './core/logger.ts'
export {
  type Refusal,
  type RefusalCode,
  type RefusalDetails,
  type RefusalReason,
  refuse,
} from './core/refusal.ts'
export type { ReplicaStatus } from './core/replica/status.ts'
export type { Report } from './core/reports.ts'
export { RequestToken, type TokenLocationName } from './core/request-token.ts'
export type { TokenBlocklistCallback, TokenDetails } from './core/revocation.ts'
export type {
  CreatedSession,
  NewSession,
  OpenSession,
  Rotation,
  RotationRequest,
  SessionEnding,
  SessionLimit,
  SessionRecord,
  SessionStore,
  SessionsEnding,
} from './core/session-store.ts'
export type { LoginInput, Session } from './core/sessions.ts'
export type { AuthXOptions, DefaultPolicy, EnforcementMode, IntrospectionMode } from './core/settings.ts'
export type { Store } from './core/store.ts'
export type { SubjectDetails, SubjectGetter } from './core/subject.ts'
export type { KeptTokens, SentTokens, TokenCookies } from './core/token-cookies.ts'
export type { TokenHeader } from './core/token-header.ts'
export type { Admission, Execution } from './graphql/admission.ts'
export { AuthError } from './graphql/auth-error.ts'
export type {
  AnonymousAuth,
  Authenticated,
  AuthXContext,
  CheckedAuth,
  OptionalAuth,
  OptionallyAuthenticated,
  OptionallyRefreshing,
  Refreshing,
  UncheckedAuth,
  WithOptionalToken,
} from './graphql/context.ts'
export type { HttpOutcome, ResultLike } from './graphql/outcome.ts'
export type { RouterSdl } from './graphql/router-sdl.ts'
export type { SelfTestReport } from './graphql/self-test.ts'
export type { AnswerHeaders, ServedRequest } from './graphql/served-request.ts'
export type { AnswerInstead, Serving } from './graphql/serving.ts'
export type { SessionMethods } from './graphql/session-methods.ts'
export type { Closing } from './graphql/sockets/closing.ts'
export type { ServedSocket } from './graphql/sockets/served-socket.ts'
export type { SocketOpening, UpgradeRequest } from './graphql/sockets/socket-carrier.ts'
export type { SocketLife, SocketLifeParts } from './graphql/sockets/socket-life.ts'
