import { randomBytes } from 'node:crypto'
import type { BlocklistStore } from '../../core/blocklist.ts'
import type { Carrier } from '../../core/carrier.ts'
import type { TokenType } from '../../core/claims.ts'
import { Codec } from '../../core/codec.ts'
import { TokenIssuer } from '../../core/issuer.ts'
import { createSecretRing } from '../../core/keys.ts'
import { jsonExtension, locationsOf, tokenCookie } from '../../core/locations.ts'
import { noMetrics } from '../../core/metrics.ts'
import { RevocationCheck } from '../../core/revocation.ts'
import type { Settings } from '../../core/settings.ts'
import type { Engine } from '../engine.ts'
import { contextMembers } from '../operation-auth.ts'
import { RequestAuth } from '../request-auth.ts'

/** A token as a caller brings it. */
export interface Brought {
  readonly type: TokenType
  readonly fresh: boolean
  readonly scopes: readonly string[]
  /** What is wrong with it. */
  readonly flaw?: 'revoked' | 'expired' | 'forged'
  /** Where it travels in a cookie: what is shown back for it. */
  readonly cookie?: 'unproven' | 'mismatched'
}

/** What a caller brings, by the type of token that is looked for: a wrong one can stand there. */
export type Caller = Readonly<Partial<Record<TokenType, Brought>>>

const SID = 'self-test'
const REVOKED_SID = 'self-test-revoked'

/**
 * Makes the contexts of callers.
 *
 * They are judged as the instance judges, by its rules about claims and its codec, over what is the self-test's own: a key that nobody else accepts, a clock that
 * stands, and a blocklist that knows one revoked session. So no token of it ever opens anything, an instance that only verifies can be tested, and the app's store,
 * callback, hooks and log hear nothing.
 */
export class Callers {
  readonly #engine: Engine
  readonly #forger: TokenIssuer
  readonly #made = new Map<string, string>()
  readonly #contexts = new Map<string, object>()
  /** Milliseconds since the epoch. */
  readonly #now: number

  constructor(engine: Engine) {
    const { clock, accessTokenTtl, refreshTokenTtl, leeway } = engine.settings
    // Later than now, so that what is made now has expired by then.
    this.#now = clock() + (Math.max(accessTokenTtl, refreshTokenTtl) + leeway + 1) * 1000
    const settings = rehearsalOf(engine.settings, () => this.#now)
    const codec = new Codec(settings)
    const revocation = new RevocationCheck(settings)
    this.#engine = { ...engine, settings, codec, revocation, issuer: new TokenIssuer(settings, codec) }
    this.#forger = new TokenIssuer(settings, new Codec(rehearsalOf(settings, settings.clock)))
  }

  /** The context of a caller's operation; those who bring the same share it. */
  contextOf(caller: Caller): object {
    const text = JSON.stringify(caller)
    let context = this.#contexts.get(text)
    if (context === undefined) {
      context = {}
      Object.assign(context, contextMembers(new RequestAuth(this.#engine, this.#carrierOf(caller)), context))
      this.#contexts.set(text, context)
    }
    return context
  }

  #carrierOf(caller: Caller): Carrier {
    const { cookies, csrf } = this.#engine.settings
    const extensions: Record<string, string> = {}
    const headers: Record<string, string> = {}
    for (const [place, brought] of Object.entries(caller) as [TokenType, Brought][]) {
      const token = this.#tokenOf(brought)
      if (brought.cookie === undefined || cookies === undefined) extensions[`${place}_token`] = token
      else headers.cookie = `${cookies.names[place]}=${token}`
      if (brought.cookie === 'mismatched' && csrf !== undefined) headers[csrf[place]] = 'self-test'
    }
    return {
      method: 'POST',
      extensions,
      headerValues: (name) => (name in headers ? [headers[name] ?? ''] : []),
    }
  }

  #tokenOf(brought: Brought): string {
    const text = JSON.stringify(brought)
    const token = this.#made.get(text) ?? this.#mint(brought)
    this.#made.set(text, token)
    return token
  }

  #mint({ type, fresh, scopes, flaw }: Brought): string {
    const issuer = flaw === 'forged' ? this.#forger : this.#engine.issuer
    const { accessTokenTtl, refreshTokenTtl, leeway } = this.#engine.settings
    const age = (Math.max(accessTokenTtl, refreshTokenTtl) + leeway + 1) * 1000
    const reading = { epoch: 0, now: flaw === 'expired' ? this.#now - age : this.#now }
    const sid = flaw === 'revoked' ? REVOKED_SID : SID
    const input = { sub: 'self-test', sid, ...(scopes.length > 0 ? { scopes } : {}) }
    return type === 'access' ? issuer.access({ ...input, fresh }, reading) : issuer.refresh(input, reading)
  }
}

/** An instance's settings, cut off from the app. */
function rehearsalOf(settings: Settings, clock: () => number): Settings {
  const { cookies } = settings
  const locations = [jsonExtension(), ...(cookies === undefined ? [] : [tokenCookie(cookies)])]
  return {
    ...settings,
    keys: createSecretRing(randomBytes(32)),
    clock,
    random: randomBytes,
    locations: locationsOf(locations, locations),
    blocklist: { ...UNUSED, isRevoked: ({ sid }) => sid === REVOKED_SID },
    sessions: undefined,
    hooks: {},
    metrics: noMetrics(),
    logger: { warn() {}, error() {} },
  }
}

const unused = (): Promise<never> => Promise.reject(new Error('the self-test keeps nothing'))

const UNUSED: Omit<BlocklistStore, 'isRevoked'> = {
  remote: false,
  onAppend: () => () => undefined,
  revoke: unused,
  readEpoch: unused,
  readSince: unused,
  purge: unused,
  ping: unused,
  close: unused,
}
