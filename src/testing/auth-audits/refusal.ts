import type { Reading, ResultError } from './reading.ts'

/** Codes that say that a document is wrong, whoever asks. */
const MISTAKES: readonly unknown[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
]

/** How GraphQL.js words the same, for servers that send no codes. */
const WORDED_MISTAKES =
  /^(Cannot query field|Syntax Error|Unknown (argument|type|directive|fragment|operation)|Field "|Argument "|Variable "|Must provide|Schema is not configured|The subscription field ")/

/** Letters of a message that are shown. */
const MOST_SHOWN = 200

/** Whether the server says that the document is wrong, whoever asks. */
export function isMistaken(errors: readonly ResultError[]): boolean {
  return errors.some(
    ({ message, path, extensions }) =>
      MISTAKES.includes(extensions?.code) || (path === undefined && WORDED_MISTAKES.test(String(message))),
  )
}

/**
 * Whether an answer without data can be a refusal of who asks. A document that is wrong is refused to everybody, and so is what no field is
 * to blame for, unless the status says that it is about the login.
 */
export function isRefusal({ status, errors }: Reading): boolean {
  if (isMistaken(errors)) return false
  if (status === 401 || status === 403) return true
  return errors.some(({ path }) => path !== undefined) || (status === 200 && errors.length > 0)
}

/** How a server answered, in words: `GRAPHQL_VALIDATION_FAILED (400): Cannot query field "a" …`. */
export function answerInWords({
  status,
  errors,
  headers,
  data,
}: Pick<Reading, 'status' | 'errors' | 'headers' | 'data'>): string {
  const [first] = errors
  if (first === undefined) {
    const type = headers['content-type']?.split(';')[0]
    return `${status}${type === undefined ? '' : `, ${type}`}, and ${data.length === 0 ? 'no data' : 'no value'}`
  }
  const code = first.extensions?.code
  const head = typeof code === 'string' ? `${code} (${status})` : String(status)
  return typeof first.message === 'string' ? `${head}: ${firstMessage(errors)}` : head
}

/** The first of the messages, in one line, without what may be a signed token. */
export function firstMessage(errors: readonly ResultError[]): string {
  const text = String(errors[0]?.message ?? '').replaceAll(/\s+/g, ' ')
  const safe = text.replaceAll(/eyJ[\w-]*(\.[\w-]*)*|[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g, '…')
  return safe.length > MOST_SHOWN ? `${safe.slice(0, MOST_SHOWN)}…` : safe
}
