import { setTimeout as after } from 'node:timers/promises'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { NOT_GIVEN, skip } from './audit.ts'
import type { AuthAuditOptions, CookieLogin } from './options.ts'
import { isGranted, type Reading, read } from './reading.ts'
import { answerInWords, firstMessage } from './refusal.ts'
import type { AuditSettings, OptionNames, ReadDocument } from './settings.ts'
import { exchange, openStream, type WireRequest, type WireStream } from './wire.ts'

/** Milliseconds after which a subscription that was not refused is taken to run. */
export const RUNS_AFTER = 500

/** Milliseconds after which whoever signs the second and nothing else signs another token. */
const NEXT_SECOND = 1100

/** Codes of errors that say that there is no server. */
const UNREACHABLE: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]

/** How something is asked. */
export interface Asking {
  readonly token?: string | undefined
  readonly method?: 'GET' | 'POST'
  readonly headers?: WireRequest['headers']
  readonly operationName?: string
  /** Put into the URL. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Instead of the document as JSON. */
  readonly body?: string
  /** @default what the user said of the query's data */
  readonly granted?: (data: unknown) => boolean
}

/** Headers that say who asks. */
export type LoginHeaders = Readonly<Record<string, string>>

/** The server under audit, and who asks it. */
export interface AuditedServer {
  readonly settings: AuditSettings
  readonly called: OptionNames
  /** What an audit needs that only the user can give, or the reason to skip it. */
  given<Name extends keyof AuditSettings & keyof AuthAuditOptions>(
    option: Name,
  ): NonNullable<AuditSettings[Name]>
  ask(document: Pick<ReadDocument, 'query' | 'variables'>, asking?: Asking): Promise<Reading>
  /** Whether data is what only a login may have. */
  isGranted(data: unknown): boolean
  /** The same as `ask`, for an answer that does not end by itself. */
  stream(document: ReadDocument, token?: string): Promise<WireStream>
  /** Ends everything that needs an option, because of what the server answered to it or in these words. */
  unaskable(option: keyof AuthAuditOptions, why: Reading | string): never
  /** Whether the query needs a login. Where it needs none, its answer tells nothing of a token. */
  isQueryGuarded(): Promise<boolean>
  /** A token of a login of its own, which had none before and is seen to open the query. */
  newToken(): Promise<string>
  /** A token that no audit ends, seen to open the query just now. */
  goodToken(): Promise<string>
  /** The headers of a login that no audit ends, by cookie where there is no token, seen to open the query just now. */
  goodHeaders(): Promise<LoginHeaders>
  /** A login by cookie. */
  cookieHeaders(): Promise<LoginHeaders & { readonly cookie: string }>
}

export function auditedServer(settings: AuditSettings, called: OptionNames): AuditedServer {
  const { url, query } = settings
  /** What no message may hold. */
  const secrets = new Set<string>()
  const used = new Set<string>()
  let good: string | undefined
  let goodCookie: LoginHeaders | undefined
  let isGuarded: boolean | undefined

  const unaskable: AuditedServer['unaskable'] = (option, why) => {
    const words =
      typeof why === 'string' ? firstMessage([{ message: why }]) : `was answered with ${answerInWords(why)}`
    const safe = [...secrets].reduce((text, token) => text.replaceAll(token, '…'), words)
    throw new ConfigurationError(`${called(option)}: ${safe}`)
  }
  const unreachable = (error: NodeJS.ErrnoException): never => {
    if (!UNREACHABLE.includes(error.code ?? '')) throw error
    return unaskable('url', `nothing answers at ${url.origin}${url.pathname} (${error.code})`)
  }
  const opens = async (asking: Asking): Promise<Reading> => {
    if (!(await server.isQueryGuarded())) skip('the query is answered without a token')
    return server.ask(query, asking)
  }
  const logIn = async (): Promise<string> => {
    const token = await server.given('login')()
    if (typeof token !== 'string' || token === '') unaskable('login', 'resolved with no token')
    secrets.add(token)
    return token
  }
  const server: AuditedServer = {
    settings,
    called,
    given: (option) => settings[option] ?? skip(NOT_GIVEN + called(option)),
    async ask(document, asking = {}) {
      const { status, headers, text } = await exchange(
        targetOf(url, document, asking),
        wireOf(document, asking),
      ).catch(unreachable)
      return read(status, headers, text, asking.granted ?? settings.granted)
    },
    isGranted: (data) => isGranted(settings.granted, data),
    stream(document, token) {
      const headers = { accept: 'text/event-stream' }
      return openStream(url, wireOf(document, { token, headers })).catch(unreachable)
    },
    unaskable,
    async isQueryGuarded() {
      isGuarded ??= !(await server.ask(query)).isGranted
      return isGuarded
    },
    async newToken() {
      let token = await logIn()
      if (used.has(token)) {
        await after(NEXT_SECOND)
        token = await logIn()
        if (used.has(token)) skip('every login has the same token')
      }
      const reading = await opens({ token })
      if (!reading.isGranted) unaskable('query', reading)
      used.add(token)
      return token
    },
    async goodToken() {
      // Where a logout of another login ended it, what is refused afterwards would say nothing.
      if (good === undefined || !(await opens({ token: good })).isGranted) good = await server.newToken()
      return good
    },
    async goodHeaders() {
      if (settings.login !== undefined) return { authorization: `Bearer ${await server.goodToken()}` }
      if (goodCookie !== undefined && (await opens({ headers: goodCookie })).isGranted) return goodCookie
      const headers = await server.cookieHeaders()
      const reading = await opens({ headers })
      if (!reading.isGranted) unaskable('query', reading)
      goodCookie = headers
      return headers
    },
    async cookieHeaders() {
      const { cookie, headers }: CookieLogin = await server.given('cookieLogin')()
      if (typeof cookie !== 'string' || cookie === '') unaskable('cookieLogin', 'resolved with no cookie')
      secrets.add(cookie)
      return { ...headers, cookie }
    },
  }
  return server
}

function targetOf(
  url: URL,
  { query, variables }: Pick<ReadDocument, 'query' | 'variables'>,
  { method, operationName, parameters = {} }: Asking,
): URL {
  const target = new URL(url)
  const asked: Readonly<Record<string, string>> =
    method === 'GET'
      ? {
          query,
          variables: JSON.stringify(variables),
          ...(operationName === undefined ? {} : { operationName }),
        }
      : {}
  const all: Readonly<Record<string, string>> = { ...asked, ...parameters }
  for (const [name, value] of Object.entries(all)) target.searchParams.set(name, value)
  return target
}

function wireOf(
  { query, variables }: Pick<ReadDocument, 'query' | 'variables'>,
  { token, method = 'POST', headers = {}, operationName, body }: Asking,
): WireRequest {
  const all = {
    accept: 'application/graphql-response+json, application/json;q=0.9',
    // Apollo Server wants to know that a GET was no accident.
    ...(method === 'GET' ? { 'apollo-require-preflight': '1' } : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...headers,
  }
  if (method === 'GET') return { method, headers: all }
  return { method, headers: all, body: body ?? JSON.stringify({ query, variables, operationName }) }
}
