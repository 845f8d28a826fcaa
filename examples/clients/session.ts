// A login as a GraphQL client needs it, whichever client that is: the tokens, kept in memory, one refresh at a time for everybody who waits, and
// an end. `apollo.ts` and `urql.ts` are made of it. One login, one session, one client: the next user starts with an empty cache.

export interface SessionOptions {
  /** Where login, refresh and revoke are; the GraphQL endpoint. */
  readonly url: string
  /** Told once, when the login is over and nobody logged out: show the login form. The reason is one of docs/errors.md. */
  onOver(reason: string): void
  /** Milliseconds since whenever. @default Date.now */
  readonly clock?: () => number
}

/** The part of a GraphQL error that is looked at. */
export interface GraphQLErrorLike {
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

interface Pair {
  readonly accessToken: string
  readonly refreshToken: string
  /** Seconds. */
  readonly expiresIn: number
}

interface Answer {
  readonly data?: { readonly pair: Pair } | null
  readonly errors?: readonly GraphQLErrorLike[]
}

/** The login is over, and the operation was not sent, or not again: only a new login helps. */
export class SessionOver extends Error {
  override readonly name = 'SessionOver'
  readonly reason: string

  constructor(reason: string) {
    super(`the login is over: ${reason}`)
    this.reason = reason
  }
}

/** The refresh got no verdict: the server was busy or out of reach. The login stands, and the next operation tries again. */
export class RefreshFailed extends Error {
  override readonly name = 'RefreshFailed'
}

/** The login was refused: `CREDENTIALS_WRONG`, or `TOO_MANY_ATTEMPTS` for a while. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused'
  readonly reason: string

  constructor(reason: string) {
    super(`the login was refused: ${reason}`)
    this.reason = reason
  }
}

/** Refusals of an access token that no refresh mends. */
const OVER: ReadonlySet<unknown> = new Set([
  'TOKEN_MALFORMED',
  'TOKEN_INVALID',
  'TOKEN_REVOKED',
  'TOKEN_REUSED',
  'SUBJECT_UNKNOWN',
])

/** The part of its life after which an access token is not used any more, so that none expires on its way. */
const USED_LIFE = 0.9

/** Milliseconds that the server may take. */
const PATIENCE = 10_000

const PAIR = '{ accessToken refreshToken expiresIn }'
const LOGIN = `mutation Login($username: String!, $password: String!) { pair: login(username: $username, password: $password) ${PAIR} }`
const REFRESH = `mutation Refresh { pair: refresh ${PAIR} }`
const REVOKE = 'mutation Revoke($token: String!) { revoke(token: $token) }'

/** @throws LoginRefused with the reason */
export async function login(username: string, password: string, options: SessionOptions): Promise<Session> {
  const { data, errors } = await ask(options.url, LOGIN, { variables: { username, password } })
  if (data) return new Session(data.pair, options)
  throw new LoginRefused(reasonOf(errors?.[0]))
}

export class Session {
  readonly #options: SessionOptions
  readonly #clock: () => number
  #pair: Pair | undefined
  /** When the access token is to be replaced, by our clock: that of the server may be another. */
  #staleAt = 0
  #refreshing: Promise<void> | undefined
  #reason = ''

  constructor(pair: Pair, options: SessionOptions) {
    this.#options = options
    this.#clock = options.clock ?? Date.now
    this.#keep(pair)
  }

  /** What operations are sent with; undefined once the login is over. */
  get accessToken(): string | undefined {
    return this.#pair?.accessToken
  }

  /** Whether an operation has to wait for {@link token} before it is sent. */
  get isStale(): boolean {
    return this.#pair === undefined || this.#clock() >= this.#staleAt
  }

  /**
   * An access token that is good for a while; all who ask while it is refreshed wait for the same one refresh.
   *
   * @throws SessionOver where only a new login helps
   * @throws RefreshFailed where trying again later does
   */
  async token(): Promise<string> {
    if (this.#pair !== undefined && this.isStale) {
      this.#refreshing ??= this.#refresh(this.#pair).finally(() => {
        this.#refreshing = undefined
      })
      await this.#refreshing
    }
    if (this.#pair === undefined) throw new SessionOver(this.#reason)
    return this.#pair.accessToken
  }

  /**
   * Takes note of the errors of an operation that was sent with a token, and says whether sending it once more, with what {@link token} gives then,
   * could help. Whether that does no harm is another question: `resend.ts`.
   */
  refused(token: string | undefined, errors: readonly GraphQLErrorLike[]): boolean {
    const reasons = errors.map(reasonOf)
    // The answer may come when the token has been replaced already: then it says nothing about the one that we have now.
    const isCurrent = token !== undefined && token === this.#pair?.accessToken
    const over = reasons.find((reason) => OVER.has(reason))
    if (over !== undefined) {
      if (isCurrent) this.#end(over)
      return false
    }
    if (!reasons.includes('TOKEN_EXPIRED')) return false
    if (isCurrent) this.#staleAt = Number.NEGATIVE_INFINITY
    return true
  }

  /** Forgets the tokens at once, then ends the session on the server; rejects where that could not be reached. */
  async logout(): Promise<void> {
    if (this.#pair === undefined) return
    const { refreshToken } = this.#pair
    this.#forget('LOGGED_OUT')
    // Not `logout`, which needs an access token that has not expired.
    await ask(this.#options.url, REVOKE, { variables: { token: refreshToken } })
  }

  async #refresh({ refreshToken }: Pair): Promise<void> {
    const { data, errors = [] } = await ask(this.#options.url, REFRESH, { token: refreshToken }).catch(
      (cause: unknown) => {
        throw new RefreshFailed('the server could not be reached', { cause })
      },
    )
    // Somebody logged out meanwhile, and a late answer must not undo that.
    if (this.#pair === undefined) return
    if (data) return this.#keep(data.pair)
    const verdict = errors.find(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')
    // Anything else, above all SERVICE_UNAVAILABLE, says nothing about the token. Whoever forgot it here would log everybody out with every hiccup.
    if (verdict === undefined) throw new RefreshFailed(`no verdict: ${reasonOf(errors[0])}`)
    this.#end(reasonOf(verdict))
  }

  #keep(pair: Pair): void {
    this.#pair = pair
    this.#staleAt = this.#clock() + pair.expiresIn * 1000 * USED_LIFE
  }

  #end(reason: string): void {
    this.#forget(reason)
    this.#options.onOver(reason)
  }

  #forget(reason: string): void {
    this.#pair = undefined
    this.#reason = reason
  }
}

function reasonOf(error: GraphQLErrorLike | undefined): string {
  return String(error?.extensions?.reason ?? error?.extensions?.code ?? 'UNKNOWN')
}

/** Not through the client that the session serves: its operations wait for this one. */
async function ask(
  url: string,
  query: string,
  { token, variables }: { token?: string; variables?: Record<string, string> },
): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  // Everybody waits for a refresh, so it must not wait for ever.
  const signal = AbortSignal.timeout(PATIENCE)
  const body = JSON.stringify({ query, variables })
  const response = await fetch(url, { method: 'POST', headers, body, signal })
  // The status says no more than the body does: a refusal is a 401 or a 503 with errors in JSON.
  return (await response.json()) as Answer
}
