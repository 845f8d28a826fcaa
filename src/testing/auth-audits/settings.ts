import { createPublicKey } from 'node:crypto'
import { type DocumentNode, getOperationAST, parse } from 'graphql'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { callable, checkNames, text, whole } from '../../core/option-checks.ts'
import type { AuditedDocument, AuthAuditOptions } from './options.ts'
import { hasValue } from './reading.ts'

/** What an option is called by whoever gives it, a flag or a member. */
export type OptionNames = (option: keyof AuthAuditOptions) => string

type DocumentOption = 'query' | 'forbidden' | 'partial' | 'mutation' | 'subscription'

/** A document as it was given, and as it is sent. */
export interface ReadDocument {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly document: DocumentNode
}

/** The options, checked. */
export type AuditSettings = Omit<
  AuthAuditOptions,
  | 'url'
  | 'query'
  | 'forbidden'
  | 'partial'
  | 'mutation'
  | 'subscription'
  | 'granted'
  | 'within'
  | 'connectionParams'
> & {
  readonly url: URL
  readonly query: ReadDocument
  readonly granted: (data: unknown) => boolean
  readonly forbidden?: ReadDocument
  readonly partial?: ReadDocument
  readonly mutation?: ReadDocument
  readonly subscription?: ReadDocument
  readonly within: number
  readonly connectionParams: (token: string) => Readonly<Record<string, unknown>>
}

const NAMES: Readonly<Record<keyof AuthAuditOptions, true>> = {
  url: true,
  query: true,
  granted: true,
  login: true,
  logout: true,
  expired: true,
  wrongType: true,
  publicKey: true,
  forbidden: true,
  partial: true,
  mutation: true,
  subscription: true,
  wsUrl: true,
  connectionParams: true,
  sse: true,
  cookieLogin: true,
  within: true,
}

/** @throws ConfigurationError naming the option */
export function readAuditOptions(options: AuthAuditOptions, called: OptionNames): AuditSettings {
  checkNames('', options, NAMES)
  const {
    url,
    query,
    granted,
    forbidden,
    partial,
    mutation,
    subscription,
    within,
    connectionParams,
    sse,
    ...rest
  } = options
  const { login, cookieLogin, logout, expired, wrongType, wsUrl, publicKey } = options
  if (login === undefined && cookieLogin === undefined) {
    throw new ConfigurationError(
      `${called('login')}: is needed, or ${called('cookieLogin')} where tokens travel in cookies`,
    )
  }
  for (const [name, one] of Object.entries({ login, cookieLogin, logout })) {
    if (one !== undefined) callable(called(name as 'login'), one)
  }
  for (const [name, one] of Object.entries({ expired, wrongType })) {
    if (one !== undefined && typeof one !== 'function') text(called(name as 'expired'), one)
  }
  if (wsUrl !== undefined) endpoint(called('wsUrl'), wsUrl, ['ws:', 'wss:'])
  if (publicKey !== undefined) checkPublicKey(called('publicKey'), publicKey)
  const read = (name: DocumentOption, given: AuditedDocument, kind?: string): ReadDocument =>
    readDocument(called(name), given, kind)
  return {
    ...rest,
    url: endpoint(called('url'), url, ['http:', 'https:']),
    query: read('query', query, 'query'),
    granted: granted === undefined ? hasValue : callable(called('granted'), granted),
    ...(forbidden === undefined ? {} : { forbidden: read('forbidden', forbidden) }),
    ...(partial === undefined ? {} : { partial: read('partial', partial, 'query') }),
    ...(mutation === undefined ? {} : { mutation: read('mutation', mutation, 'mutation') }),
    ...(subscription === undefined
      ? {}
      : { subscription: read('subscription', subscription, 'subscription') }),
    ...(sse === true ? { sse } : {}),
    connectionParams:
      connectionParams === undefined
        ? byAuthorization
        : callable(called('connectionParams'), connectionParams),
    within: within === undefined ? 2000 : whole(called('within'), within, 1),
  }
}

function byAuthorization(token: string): Readonly<Record<string, unknown>> {
  return { Authorization: `Bearer ${token}` }
}

/** Whatever else is signed with as a secret, nobody has published: then the audit would say that all is well. */
function checkPublicKey(name: string, pem: string): void {
  try {
    if (!/PRIVATE KEY/.test(pem)) return void createPublicKey(pem)
  } catch {
    // What it says is of ASN.1.
  }
  throw new ConfigurationError(`${name}: must be a public key as PEM (-----BEGIN PUBLIC KEY-----)`)
}

function endpoint(name: string, url: string, protocols: readonly string[]): URL {
  const read = URL.canParse(url) ? new URL(url) : undefined
  if (read === undefined || !protocols.includes(read.protocol)) {
    throw new ConfigurationError(
      `${name}: must be a URL that begins with ${protocols.map((one) => `${one}//`).join(' or ')}`,
    )
  }
  return read
}

function readDocument(name: string, given: AuditedDocument, kind?: string): ReadDocument {
  const { query, variables = {} } = typeof given === 'string' ? { query: given } : given
  let document: DocumentNode
  try {
    document = parse(text(name, query), { noLocation: true })
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    throw new ConfigurationError(`${name}: is no GraphQL document: ${(error as Error).message}`, {
      cause: error,
    })
  }
  const operation = getOperationAST(document)
  if (operation == null) throw new ConfigurationError(`${name}: must have one operation`)
  if (kind !== undefined && operation.operation !== kind) {
    throw new ConfigurationError(`${name}: must be a ${kind}, not a ${operation.operation}`)
  }
  return { query, variables, document }
}
