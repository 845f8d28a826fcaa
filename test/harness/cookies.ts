import { type UseAuthXOptions, useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { type AuthXOptions, AuthError as Refused } from '../../src/index.ts'
import { memory } from '../../src/stores/memory.ts'
import { type SettableClock, settableClock } from './clock.ts'
import { guarded, type Resolvers, type Server, serve } from './graphql.ts'
import { type Instance, openAuthX } from './instance.ts'

/** What a browser keeps of `Set-Cookie` headers, and sends back. */
export interface Jar {
  /** Takes over what an answer sets and takes away. */
  take(response: Response): void
  get(name: string): string | undefined
  set(name: string, value: string): void
  delete(name: string): void
  readonly names: readonly string[]
  /** The headers of a request by the page whose cookies these are: with `csrf: false` by any other page. */
  headers(options?: { readonly csrf?: boolean }): Record<string, string>
}

export const NAMES = {
  access: '__Host-access_token',
  refresh: '__Host-refresh_token',
  csrf: '__Host-csrf_token',
} as const

export function openJar(): Jar {
  const cookies = new Map<string, string>()
  return {
    take(response) {
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (/; Max-Age=0(;|$)/.test(line)) cookies.delete(name)
        else cookies.set(name, value)
      }
    },
    get: (name) => cookies.get(name),
    set: (name, value) => void cookies.set(name, value),
    delete: (name) => void cookies.delete(name),
    get names() {
      return [...cookies.keys()].sort()
    },
    headers({ csrf = true } = {}) {
      const value = cookies.get(NAMES.csrf)
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
      return {
        ...(cookie === '' ? {} : { cookie }),
        ...(csrf && value !== undefined ? { 'x-csrf-token': value } : {}),
      }
    },
  }
}

const TYPES = `
  type Query {
    open: String
    secret: String! @auth
    fresh: String! @auth(fresh: true)
    optional: String @optionalToken
    optionalRefresh: String @optionalToken(type: REFRESH)
    raw: String
    checked: String!
  }
  type Mutation {
    open: String
    login(scopes: [String!]): Pair!
    refresh: Pair! @auth(type: REFRESH)
    change: String! @auth
    wait: String! @auth
    logout: Boolean! @auth
    logoutEverywhere: Boolean! @auth
    forget: Boolean
  }
  type Subscription { ticks: Int @auth }
  type Pair { accessToken: String refreshToken: String csrfToken: String }
`

/** A Yoga whose tokens travel in cookies, unless told otherwise, on sessions in memory. */
export interface CookieServer extends Server, Instance {
  readonly clock: SettableClock
  readonly jar: Jar
  /** A POST with the jar's cookies and the double-submit header; the jar takes over what the answer sets. */
  ask(query: string, options?: AskOptions): Promise<Asked>
  /** Runs while the mutation `wait` does. */
  meanwhile: () => Promise<unknown>
  /** How often the mutation `change` ran. */
  changes(): number
}

interface Hooks {
  meanwhile: () => Promise<unknown>
  readonly changed: () => void
}

export interface AskOptions {
  readonly csrf?: boolean
  readonly headers?: Readonly<Record<string, string>>
  readonly variables?: object
  readonly jar?: Jar
}

export interface Asked {
  readonly status: number
  readonly data: Record<string, unknown> | null | undefined
  /** The reason of each error, or its message. */
  readonly reasons: readonly string[]
  readonly setCookies: readonly string[]
}

export async function startWithCookies(
  options: AuthXOptions = {},
  adapter: UseAuthXOptions = {},
): Promise<CookieServer> {
  const clock = (options.clock as SettableClock | undefined) ?? settableClock()
  const instance = openAuthX({
    sessions: memory({ clock }),
    locations: { access: ['cookies'], refresh: ['cookies'] },
    ...options,
    clock,
  })
  const { authx } = instance
  let changes = 0
  const server: Hooks = { meanwhile: async () => undefined, changed: () => void changes++ }
  const schema = guarded(authx, TYPES, resolversOf(instance, server))
  const api = await serve(authx, schema, { plugins: [useAuthX(authx, adapter)] })
  const jar = openJar()
  return Object.assign(server, api, instance, {
    clock,
    jar,
    changes: () => changes,
    async ask(query: string, { csrf = true, headers = {}, variables, jar: other = jar }: AskOptions = {}) {
      const response = await api.send(
        { query, variables },
        { headers: { ...other.headers({ csrf }), ...headers } },
      )
      other.take(response)
      return readAnswer(response)
    },
  })
}

export async function readAnswer(response: Response): Promise<Asked> {
  const { data, errors = [] } = JSON.parse(await response.text())
  return {
    status: response.status,
    data,
    reasons: errors.map((error: { message: string; extensions?: { reason?: string } }) => {
      return error.extensions?.reason ?? error.message
    }),
    setCookies: response.headers.getSetCookie(),
  }
}

function resolversOf({ authx }: Instance, server: Hooks): Resolvers {
  const answer = (): string => 'answer'
  return {
    Query: {
      open: answer,
      secret: answer,
      fresh: answer,
      optional: (_source, _args, { requestToken }) => requestToken()?.location,
      raw: (_source, _args, { requestToken }) => requestToken()?.location,
      optionalRefresh: (_source, _args, { requestToken }) => requestToken('refresh')?.location,
      checked: async (_source, _args, { auth }) => (await auth.check()).claims.sub,
    },
    Mutation: {
      open: answer,
      login: async (_source, { scopes }, { tokenCookies }) => {
        const input = { sub: 'ada', claims: { team: 'x' }, ...(scopes ? { scopes } : {}) }
        return tokenCookies.set(await authx.sessions.login(input))
      },
      refresh: async (_source, _args, { refreshAuth, tokenCookies }) =>
        tokenCookies.set(await authx.sessions.refresh(refreshAuth.claims)),
      change: () => {
        server.changed()
        return answer()
      },
      wait: async () => {
        await server.meanwhile()
        return 'answer'
      },
      logout: async (_source, _args, { auth }) => {
        await auth.logout()
        return true
      },
      logoutEverywhere: async (_source, _args, { auth, tokenCookies }) => {
        await authx.sessions.revokeAll(auth.claims.sub)
        tokenCookies.clear()
        return true
      },
      forget: (_source, _args, { tokenCookies }) => {
        tokenCookies.clear()
        throw new Refused('CREDENTIALS_WRONG')
      },
    },
    Subscription: {
      ticks: {
        subscribe: async function* () {
          yield { ticks: 1 }
        },
      },
    },
  }
}
