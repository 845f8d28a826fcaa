import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { createYoga } from 'graphql-yoga'
import { vi } from 'vitest'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { listen } from '../../src/server/listen.ts'
import { type App, RIGHT, startApp } from '../../test/harness/app.ts'
import { createApolloClient } from './apollo.ts'
import { Session } from './session.ts'
import { createUrqlClient } from './urql.ts'

/** Seconds that things are good for, as the server has them by default. */
export const LIFETIMES = { access: 900, refresh: 1_728_000, leeway: 5, grace: 10 }

/** Moves the clock, which is everybody's: the server runs in this process. */
export function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
}

/** What came of an operation: its data, or whatever the client reports instead. */
export type Outcome = Data | Error

type Data = Readonly<Record<string, unknown>>

/** A client as the scenarios use it. */
export type Asking = (document: string, headers?: Record<string, string>) => Promise<Outcome>

/** The clients, by name: each is made by its example, and asks the way its users do. */
export const CLIENTS: Readonly<Record<string, (url: string, session: Session) => Promise<Asking>>> = {
  'Apollo Client': async (url, session) => {
    const { gql } = await import('@apollo/client')
    const client = createApolloClient(url, session)
    return async (document, headers = {}) => {
      const context = { headers }
      // The cache knows a field again under any alias, and these operations are to be sent.
      const fetchPolicy = 'network-only'
      try {
        const { data } = isMutation(document)
          ? await client.mutate<Data>({ mutation: gql(document), context })
          : await client.query<Data>({ query: gql(document), context, fetchPolicy })
        return data ?? new Error('no data')
      } catch (error) {
        return error as Error
      }
    }
  },
  urql: async (url, session) => {
    const { gql } = await import('@urql/core')
    const client = createUrqlClient(url, session)
    return async (document, headers = {}) => {
      const context = { fetchOptions: { headers } }
      const { data, error } = isMutation(document)
        ? await client.mutation<Data>(gql(document), {}, context)
        : await client.query<Data>(gql(document), {}, context)
      return error?.networkError ?? error ?? data ?? new Error('no data')
    }
  },
}

function isMutation(document: string): boolean {
  return document.startsWith('mutation')
}

/** Why an operation failed: the reason of its first refusal, or of the end of the session. */
export function reasonOf(outcome: Outcome): unknown {
  if (!(outcome instanceof Error)) return undefined
  const { reason, errors, graphQLErrors } = outcome as {
    reason?: string
    errors?: readonly { extensions?: { reason?: string } }[]
    graphQLErrors?: readonly { extensions?: { reason?: string } }[]
  }
  return reason ?? (errors ?? graphQLErrors)?.[0]?.extensions?.reason ?? outcome.name
}

export interface Login {
  readonly session: Session
  /** What the app was told: why the login was over. */
  readonly overs: readonly string[]
  /** The refresh token of the login, as a thief has it. */
  readonly stolen: string
}

/** The server with a user, and everything a scenario does to it. */
export interface Stage extends AsyncDisposable {
  readonly app: App
  /** What this server was asked since the last look, by the type of the token that came along. */
  requests(): Record<string, number>
  login(options?: { clock?: () => number }): Promise<Login>
  /** Refreshes as whoever holds the token would; the new refresh token, or the reason of the refusal. */
  refresh(refreshToken: string): Promise<string>
  /** Makes the callback of the blocklist fail, until it is called with false. */
  breakDown(broken: boolean): void
}

const LOGIN =
  'mutation ($password: String!) { login(username: "ada", password: $password) { accessToken refreshToken expiresIn } }'

export async function openStage(): Promise<Stage> {
  const app = await startApp()
  let broken = false
  app.authx.setTokenBlocklistCallback(() => {
    if (broken) throw new Error('no database')
    return false
  })
  let seen: string[] = []
  const watch = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage }
    seen.push(typeOf(request.headers.authorization))
  }
  subscribe('http.server.request.start', watch)
  return {
    app,
    requests() {
      const counts: Record<string, number> = {}
      for (const type of seen) counts[type] = (counts[type] ?? 0) + 1
      seen = []
      return counts
    },
    async login(options = {}) {
      const variables = { password: RIGHT }
      const response = await app.send({ query: LOGIN, variables })
      const pair = JSON.parse(await response.text()).data.login
      const overs: string[] = []
      const onOver = (reason: string): void => void overs.push(reason)
      const session = new Session(pair, { url: app.url, onOver, ...options })
      return { session, overs, stolen: pair.refreshToken }
    },
    async refresh(refreshToken) {
      const query = 'mutation { refresh { refreshToken } }'
      const response = await app.send({ query }, { authorization: `Bearer ${refreshToken}` })
      const { data, errors } = JSON.parse(await response.text())
      return data?.refresh.refreshToken ?? errors[0].extensions.reason
    },
    breakDown(now) {
      broken = now
    },
    async [Symbol.asyncDispose]() {
      unsubscribe('http.server.request.start', watch)
      await app[Symbol.asyncDispose]()
    },
  }
}

export interface PartialApi extends AsyncDisposable {
  readonly url: string
  /** The mutations that were executed since the last look, in order. */
  executed(): readonly string[]
}

/**
 * Another API that trusts the same tokens, with guarded fields that may be null: it answers a refusal with 200 and the rest of the data. Its `pay` takes so
 * long that the token, good when it begins, has expired when it ends.
 */
export async function startPartialApi({ authx }: App): Promise<PartialApi> {
  let executed: string[] = []
  const run = (name: string) => () => {
    executed.push(name)
    return name
  }
  const schema = makeExecutableSchema({
    typeDefs: [
      authx.typeDefs,
      `type Query { open: String! @public profile: String @auth }
       type Mutation { order: String! @public basket: Basket! @public note: String @auth ship: String @auth pay: String @auth }
       type Basket { total: String @auth }`,
    ],
    resolvers: {
      Query: { open: () => 'for all', profile: () => 'You are authenticated' },
      Mutation: {
        order: run('order'),
        note: run('note'),
        ship: run('ship'),
        basket: () => ({ total: run('basket')() }),
        pay() {
          if (!executed.includes('pay')) pass(LIFETIMES.access + LIFETIMES.leeway + 1)
          return run('pay')()
        },
      },
    },
  })
  const yoga = createYoga({ schema: authx.protect(schema), plugins: [useAuthX(authx)], logging: false })
  const listening = await listen(yoga, 0, '127.0.0.1')
  return {
    url: `${listening.url}/graphql`,
    executed() {
      const names = executed
      executed = []
      return names
    },
    [Symbol.asyncDispose]: () => listening.drain(1),
  }
}

/** `access`, `refresh`, or `none` where no token came. */
function typeOf(authorization = ''): string {
  const [, payload] = authorization.split('.')
  return payload === undefined ? 'none' : JSON.parse(Buffer.from(payload, 'base64url').toString()).type
}
