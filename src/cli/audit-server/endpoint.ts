import { parse, visit } from 'graphql'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { hasValue, type Reading, read } from '../../testing/auth-audits/reading.ts'
import { answerInWords } from '../../testing/auth-audits/refusal.ts'

/** A GraphQL request. */
export interface Operation {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

/** What came back, and how. */
export interface Answered extends Reading {
  readonly body: unknown
  /** The cookies that it sets, as a browser sends them back. */
  readonly cookie: string
  /** What it was, without a value that was sent. */
  readonly words: string
}

/** With the first, mistakes have a status of their own (GraphQL over HTTP). */
const ACCEPTED = 'application/graphql-response+json, application/json;q=0.9'

/** @throws ConfigurationError where nothing answers there in JSON */
export async function askAt(url: string, operation: Operation, token?: string): Promise<Answered> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { 'content-type': 'application/json', accept: ACCEPTED, ...authorization }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(operation) }).catch(
    (error: unknown) => {
      throw new ConfigurationError(`<url>: nothing answers at ${url} (${causeOf(error)})`, { cause: error })
    },
  )
  const text = await response.text()
  const reading = read(response.status, Object.fromEntries(response.headers), text, hasValue)
  const words = valuesOf(operation).reduce(
    (said, value) => said.replaceAll(value, '…'),
    answerInWords(reading),
  )
  return { ...reading, body: bodyOf(url, response, text), cookie: cookieOf(response), words }
}

/**
 * The text at a path such as `data.login.accessToken`.
 *
 * @param flag which names the path
 * @throws ConfigurationError saying what the server answered instead
 */
export function textAt(answered: Answered, path: string, flag: string): string {
  const found = path.split('.').reduce(member, answered.body)
  if (typeof found === 'string' && found !== '') return found
  if (hasFailed(answered)) throw new ConfigurationError(`--login: was answered with ${answered.words}`)
  throw new ConfigurationError(`${flag}: there is no text at ${path} of the answer to --login`)
}

/** Whether an answer has errors, or the status of one. */
export function hasFailed({ status, errors }: Answered): boolean {
  return errors.length > 0 || status >= 400
}

function member(value: unknown, name: string): unknown {
  const has = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  return has ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

function bodyOf(url: string, { status, headers }: Response, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const [type] = (headers.get('content-type') ?? 'no type').split(';')
    throw new ConfigurationError(`<url>: what answers at ${url} is not JSON (${status}, ${type})`, {
      cause: error,
    })
  }
}

function cookieOf({ headers }: Response): string {
  const pairs = headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '')
  // Without a value they are taken away.
  return pairs.filter((pair) => /=./.test(pair)).join('; ')
}

function causeOf(error: unknown): string {
  const { cause, message } = error as Error
  const { code } = (cause ?? {}) as NodeJS.ErrnoException
  return code ?? (cause instanceof Error ? cause.message : message)
}

/** The texts among the values that an operation sends; passwords are. */
function valuesOf({ query, variables = {} }: Operation): readonly string[] {
  const texts = Object.values(variables).filter((value) => typeof value === 'string')
  try {
    visit(parse(query), { StringValue: ({ value }) => void texts.push(value) })
  } catch {
    // The server says what is wrong with it.
  }
  return texts.filter((value) => value !== '')
}
