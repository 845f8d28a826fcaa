import type { GraphQLSchema } from 'graphql'
import { type RefusedAbout, tell } from './core/audit.ts'
import { Authentication } from './core/authentication.ts'
import { ask } from './core/availability.ts'
import type { EpochReading } from './core/blocklist.ts'
import type { Carrier } from './core/carrier.ts'
import type { AccessClaims, RefreshClaims, TokenType } from './core/claims.ts'
import { ConfigurationError } from './core/configuration-error.ts'
import type { RevocationTarget } from './core/endings.ts'
import { checkTokenInput, type TokenInput, type TokenPair } from './core/issuer.ts'
import { publicJwks } from './core/keys.ts'
import { type LocationList, readLocationList, warnOfLocations } from './core/location-settings.ts'
import { judgeLoneToken } from './core/lone-token.ts'
import { observeReplica } from './core/metrics.ts'
import { Purging } from './core/purging.ts'
import type { RefusalReason } from './core/refusal.ts'
import { followedBy } from './core/replica/followed-store.ts'
import { Replica } from './core/replica/replica.ts'
import type { ReplicaStatus } from './core/replica/status.ts'
import type { Report } from './core/reports.ts'
import type { RequestToken } from './core/request-token.ts'
import type { TokenBlocklistCallback } from './core/revocation.ts'
import { type AuthXOptions, readSettings, type Settings } from './core/settings.ts'
import type { SubjectGetter } from './core/subject.ts'
import { AuthError, orThrow } from './graphql/auth-error.ts'
import { directiveTypeDefs } from './graphql/directives.ts'
import { createEngine, type Engine } from './graphql/engine.ts'
import { Guard } from './graphql/guard.ts'
import { operationAuthOf } from './graphql/operation-auth.ts'
import { protectSchema } from './graphql/protect.ts'
import { printRouterSdl, type RouterSdl } from './graphql/router-sdl.ts'
import { type SelfTestReport, selfTest } from './graphql/self-test.ts'
import { Serving } from './graphql/serving.ts'
import { type SessionMethods, sessionMethods } from './graphql/session-methods.ts'
import { memory } from './stores/memory.ts'

/** What the generic type of a token claims. */
type ClaimsOf<Type extends TokenType> = Type extends 'refresh' ? RefreshClaims : AccessClaims

/**
 * Makes an AuthX instance: its directives' SDL, `protect`, token issuing, sessions and the blocklist.
 *
 * @example
 * const authx = createAuthX({ secret: process.env.AUTHX_SECRET })
 * const schema = authx.protect(makeExecutableSchema({ typeDefs: [authx.typeDefs, typeDefs], resolvers }))
 *
 * @throws ConfigurationError naming the option that is wrong, and the mend
 */
export function createAuthX(options: AuthXOptions): AuthX {
  const settings = readSettings(options, (clock) => memory({ clock }))
  if (options.blocklist === undefined && options.sessions === undefined) warnOfMemory(settings)
  return new AuthX(settings)
}

/** See {@link createAuthX}. */
export class AuthX {
  readonly #settings: Settings
  readonly #engine: Engine
  readonly #guard: Guard
  /** Undefined while the directives were not asked for, or when it was said that they are not in force. */
  #isProtected: boolean | undefined
  readonly #purging: Purging
  #isClosed = false
  /** Undefined where the store answers without a network between. */
  readonly #replica: Replica | undefined
  #endMetrics: (() => void) | undefined

  constructor(given: Settings) {
    this.#replica = given.blocklist.remote ? new Replica(given.blocklist, given) : undefined
    const settings = this.#replica === undefined ? given : followedBy(this.#replica, given)
    this.#settings = settings
    const replica = this.#replica
    if (replica !== undefined) this.#endMetrics = observeReplica(settings.metrics, () => replica.status())
    this.#engine = createEngine(settings, this.#replica)
    this.sessions = sessionMethods(this.#engine.sessions, () => this.#warnUnprotected())
    this.#guard = new Guard(this.#engine)
    this.serving = new Serving(this.#engine, this.#guard)
    if (settings.enforcement === 'report') {
      settings.logger.warn({}, 'enforcement is "report": no rule refuses anything')
    }
    warnOfLocations(settings, settings.logger)
    this.#purging = new Purging(settings.blocklist, settings.logger)
  }

  /** The SDL of the directives, for `typeDefs: [authx.typeDefs, …]`. */
  get typeDefs(): string {
    if (this.#isProtected === undefined) this.#isProtected = false
    return directiveTypeDefs
  }

  /**
   * A schema in which every rule is asked before its field resolves or subscribes. The one that is handed in is not changed; protecting twice is
   * protecting once.
   *
   * @throws ConfigurationError naming the coordinate and the mend, where the schema cannot mean what it says
   */
  protect(schema: GraphQLSchema): GraphQLSchema {
    this.#isProtected = true
    return protectSchema(schema, this.#guard, this.#settings)
  }

  /**
   * Tries every field with a rule, as {@link protect} left it: as anonymous, with a wrong, revoked, expired or forged token, and each way to have less than the rule asks
   * for. Nothing of the app runs: no resolver, callback, store or hook. For a test of yours, and for the start.
   *
   * @throws ConfigurationError that lists the fields which answer, and how they were asked
   */
  async selfTest(schema: GraphQLSchema): Promise<SelfTestReport> {
    if (this.#settings.enforcement === 'report') {
      throw new ConfigurationError(
        "enforcement: with 'report' no rule refuses anything, so there is nothing to test",
      )
    }
    return selfTest(schema, this.#guard, this.#engine)
  }

  /**
   * The SDL of a federation subgraph for a router that knows `@authenticated` and `@requiresScopes`: these stand there in place of our directives, and `left` tells
   * what they cannot say. The subgraph goes on asking for all of it.
   *
   * @param schema the one that {@link protect} made of it
   * @param sdl as the subgraph publishes it, such as by `printSubgraphSchema`
   * @throws ConfigurationError where the SDL imports no federation that has these directives (2.5), or the schema cannot mean what it says
   */
  routerSdl(schema: GraphQLSchema, sdl: string): RouterSdl {
    return printRouterSdl(schema, sdl, this.#settings.defaultPolicy)
  }

  /**
   * Sets the callback that says whether a verified token is revoked, in place of the one before. It is asked once for each query, each root field of
   * a mutation and each event of a subscription.
   *
   * @returns the callback itself, so that this can wrap a declaration
   */
  setTokenBlocklistCallback<Callback extends TokenBlocklistCallback>(callback: Callback): Callback {
    if (typeof callback !== 'function') {
      throw new TypeError(
        'setTokenBlocklistCallback: takes a function (token, details) that answers true or false',
      )
    }
    this.#engine.revocation.callback = callback
    return callback
  }

  /**
   * Sets what loads whom a token is for, in place of the one before. `context.auth.subject()` asks it, once per request. Null and undefined mean that the
   * subject is gone (`SUBJECT_UNKNOWN`); what it throws is logged, and never sent unless it is an `AuthError`.
   *
   * @returns the getter itself, so that this can wrap a declaration
   */
  setSubjectGetter<Getter extends SubjectGetter>(getter: Getter): Getter {
    if (typeof getter !== 'function') {
      throw new TypeError(
        'setSubjectGetter: takes a function (sub, details) that answers with the subject, or null',
      )
    }
    this.#engine.subjects.getter = getter
    return getter
  }

  /**
   * Makes an access token (RFC 9068).
   *
   * @throws TypeError where the input is wrong
   * @throws AuthError `SERVICE_UNAVAILABLE` when the store does not answer
   */
  async createAccessToken(input: TokenInput): Promise<string> {
    return this.#engine.issuer.access(input, await this.#readEpoch(input))
  }

  /** Makes a refresh token. It is its own session unless `sid` names one. Throws as {@link createAccessToken} does. */
  async createRefreshToken(input: TokenInput): Promise<string> {
    return this.#engine.issuer.refresh(input, await this.#readEpoch(input))
  }

  /**
   * Makes an access and a refresh token of one session. Throws as {@link createAccessToken} does. With a session store, use
   * `sessions.login`, which also keeps the session, so that the refresh token rotates.
   */
  async createTokenPair(input: TokenInput): Promise<TokenPair> {
    return this.#engine.issuer.pair(input, await this.#readEpoch(input))
  }

  /**
   * Judges a token outside a request: format, signature, time, claims, type and revocation, as `@auth` does.
   *
   * @throws AuthError with the reason
   */
  async verify<Type extends TokenType = 'access'>(
    token: string,
    options: { readonly type?: Type } = {},
  ): Promise<ClaimsOf<Type>> {
    const { type = 'access' } = options
    return orThrow(await judgeLoneToken(this.#engine, token, type)) as ClaimsOf<Type>
  }

  /**
   * The token of a request, unverified, or null where there is none.
   *
   * @param options `locations` instead of the configured ones, as `createAuthX` takes them
   * @throws AuthError `TOKEN_MISSING` where `optional` is false, `CREDENTIALS_AMBIGUOUS` where the request contradicts itself, `CSRF_MISSING` or `CSRF_MISMATCH`
   * where the token is in a cookie and the request, unless it is a GET, does not show that it is its page's own
   */
  getTokenFromRequest(
    carrier: Carrier,
    options: {
      readonly type?: TokenType
      readonly optional?: boolean
      readonly locations?: LocationList
    } = {},
  ): RequestToken | null {
    const { type = 'access', optional = true, locations } = options
    const { cookies, locations: configured } = this.#settings
    const list = locations === undefined ? configured[type] : readLocationList(type, locations, cookies)
    // What the operation can do is not known here; a server lets a GET do nothing but read.
    const kind = carrier.method === 'GET' ? 'query' : undefined
    const found = orThrow(new Authentication(this.#engine, carrier, type, list).locateProven(kind))
    if (found === undefined && !optional) throw new AuthError('TOKEN_MISSING')
    return found ?? null
  }

  /**
   * The tokens that came with the request of a context, unverified and from whichever page: for a login, which ends the sessions that they belong to
   * (`revoke({ token })`), so that nobody goes on in one that somebody else may have planted. For nothing else.
   */
  presentedTokens(context: object): readonly RequestToken[] {
    return operationAuthOf(this.#engine.contextKey, context)?.presented ?? []
  }

  /**
   * Revokes durably: by `token` or `claims` the whole session, by `sid` too, by `jti` one token, by `sub` everything the subject holds.
   *
   * A text that is no token of ours is no error, whatever it is (RFC 7009 section 2.2).
   *
   * @throws AuthError `SERVICE_UNAVAILABLE` when the store did not record it
   */
  async revoke(target: RevocationTarget): Promise<void> {
    const refusal = await this.#engine.endings.revoke(target)
    if (refusal !== undefined) throw new AuthError(refusal)
  }

  /**
   * A refusal of your own as the error to throw, told to the hook `onRefused`: wrong credentials and spent tries in a login of yours, so that who guesses
   * passwords shows in the audit stream.
   *
   * @example
   * if (!(await verify(user?.passwordHash ?? nobody, password))) throw authx.refused('CREDENTIALS_WRONG', { sub: user?.id ?? null, address })
   *
   * @param refusal a reason of the closed list, or an error that is about to be thrown
   */
  refused(refusal: RefusalReason | AuthError, about: RefusedAbout = {}): AuthError {
    const error = refusal instanceof AuthError ? refusal : new AuthError(refusal)
    const { sub = null, sid = null, jti = null, address = null } = about
    const at = this.#settings.clock()
    tell(this.#settings, 'onRefused', { sub, sid, jti, address, reason: error.reason, at })
    return error
  }

  /** Login, refresh, and what a user can see and end, on the session store. Without one each is a `ConfigurationError`. */
  readonly sessions: SessionMethods

  /** The public keys as a JWK Set, for `/.well-known/jwks.json`; secrets are not in it (RFC 7517 section 5). */
  get jwks(): ReturnType<typeof publicJwks> {
    return publicJwks(this.#settings.keys)
  }

  /** For adapters, and nobody else: what a server asks of this instance. */
  readonly serving: Serving

  /** What `enforcement: 'report'` would have refused since the start, most frequent first. */
  reports(): readonly Report[] {
    return this.#engine.reports.all
  }

  /**
   * Resolves when tokens can be checked: with a store across a network, when this process's copy of the revocations is complete and no older than `maxStaleness`. Wait for
   * it before you listen, and ask it in a readiness check; it takes as long as the first copy does.
   *
   * @throws Error that says why tokens cannot be checked
   */
  async ready(): Promise<void> {
    if (this.#isClosed) throw new Error('this instance is closed, so that no token can be accepted')
    await this.#replica?.ready()
  }

  /** How this process's copy of the revocations fares, for metrics; undefined where the store answers directly and there is none. */
  replicaStatus(): ReplicaStatus | undefined {
    return this.#replica?.status()
  }

  /** Resolves if the store can answer, else rejects with its error. */
  async ping(): Promise<void> {
    await this.#settings.blocklist.ping()
  }

  /** Removes what has expired from the store, and says how many. This runs by itself every minute; failures are logged. */
  async purge(): Promise<number> {
    return this.#purging.run()
  }

  /** Stops the timers and the metrics of the copy, and closes the store. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#purging.stop()
    this.#engine.tokenWatch.stop()
    this.#endMetrics?.()
    this.#replica?.stop()
    await this.#settings.blocklist.close()
  }

  /** Whoever forgets `protect` and the plugin both finds everything open, and nothing else would say so. */
  #warnUnprotected(): void {
    if (this.#isProtected !== false) return
    this.#isProtected = undefined
    this.#settings.logger.warn(
      {},
      'a token is made, and no schema went through authx.protect(): the rules of @auth are not in force',
    )
  }

  async #readEpoch(input: TokenInput): Promise<EpochReading> {
    this.#warnUnprotected()
    checkTokenInput(input)
    const { blocklist, issuer = '' } = this.#settings
    return orThrow(await ask(() => blocklist.readEpoch(issuer, input.sub), 'the blocklist', this.#settings))
  }
}

/** Nobody said where revocations are to be kept: told with the first of them, since until then it does not matter. */
function warnOfMemory({ blocklist, logger }: Settings): void {
  const end = blocklist.onAppend(() => {
    end()
    logger.warn(
      {},
      'a revocation is kept in the memory of this process alone, until it stops; give createAuthX `sessions` or `blocklist`, such as sqlite(…), postgres(…) or redis(…)',
    )
  })
}
