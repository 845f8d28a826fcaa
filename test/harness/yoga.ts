import { refuse } from '../../src/core/refusal.ts'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { AuthError, type AuthXOptions } from '../../src/index.ts'
import { guarded, type Resolvers, type ServeOptions, type Server, serve } from './graphql.ts'
import { type Instance, openAuthX } from './instance.ts'

/** A field for every answer that there is. */
export const TYPES: string = `
  type Query {
    open: String
    may: String @auth
    secret: String! @auth
    read: String! @auth(scopes: [["read", "list"], ["admin"]])
    mayRead: String @auth(scopes: [["read"]])
    fresh: String! @auth(fresh: true)
    refresh: String! @auth(type: REFRESH)
    optional: String @optionalToken
    limited: String!
    wrong: String!
    broken: String!
    mayBreak: String
  }
  type Mutation { open: String login: String! change: String! @auth }
  type Subscription { ticks: Int @auth free: Int }
`
async function* one(): AsyncGenerator<number> {
  yield 1
}
const refusing =
  (...args: Parameters<typeof refuse>) =>
  (): never => {
    throw new AuthError(refuse(...args))
  }
const breaking = (): never => {
  throw new Error('SELECT * FROM secrets')
}
const answer = (): string => 'answer'
export const resolvers: Resolvers = {
  Query: {
    open: answer,
    may: answer,
    secret: answer,
    read: answer,
    mayRead: answer,
    fresh: answer,
    refresh: answer,
    optional: answer,
    limited: refusing('TOO_MANY_ATTEMPTS', { retryAfter: 30 }),
    wrong: refusing('CREDENTIALS_WRONG'),
    broken: breaking,
    mayBreak: breaking,
  },
  Mutation: { open: answer, login: refusing('CREDENTIALS_WRONG'), change: answer },
  Subscription: {
    ticks: { subscribe: () => one(), resolve: Number },
    free: { subscribe: () => one(), resolve: Number },
  },
}

/** A Yoga with those fields. */
export async function start(
  options: AuthXOptions = {},
  served: ServeOptions = {},
): Promise<Server & Instance> {
  const instance = openAuthX(options)
  const plugins = [useAuthX(instance.authx), ...(served.plugins ?? [])]
  const server = await serve(instance.authx, guarded(instance.authx, TYPES, resolvers), {
    ...served,
    plugins,
  })
  return Object.assign(server, instance)
}

/** What of an answer the rules speak of. */
export interface Summary {
  readonly status: number
  readonly challenge?: string
  readonly retryAfter?: string
  readonly data: unknown
  readonly reasons: readonly string[] | undefined
}

export async function summary(response: Response): Promise<Summary> {
  const text = await response.text()
  const { data, errors } = text.startsWith('{') ? JSON.parse(text) : { data: text, errors: undefined }
  const challenge = response.headers.get('www-authenticate')
  const retryAfter = response.headers.get('retry-after')
  return {
    status: response.status,
    ...(challenge !== null ? { challenge } : {}),
    ...(retryAfter !== null ? { retryAfter } : {}),
    data,
    reasons: errors?.map((error: { extensions?: { reason?: string; code?: string } }) => {
      return error.extensions?.reason ?? error.extensions?.code
    }),
  }
}
