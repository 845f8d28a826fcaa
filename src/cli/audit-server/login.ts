import { ConfigurationError } from '../../core/configuration-error.ts'

/** A GraphQL request. */
export interface Operation {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

/** What came back, and how. */
export interface Answered {
  readonly status: number
  readonly body: unknown
}

/** @throws ConfigurationError where nothing answers there in JSON */
export async function askAt(url: string, operation: Operation, token?: string): Promise<Answered> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { 'content-type': 'application/json', ...authorization }
  try {
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(operation) })
    return { status: response.status, body: await response.json() }
  } catch (error) {
    throw new ConfigurationError(`${url}: nothing answers there in JSON`, { cause: error })
  }
}

/**
 * The text at a path such as `data.login.accessToken`.
 *
 * @throws ConfigurationError saying what the server answered instead, without a value of it
 */
export function textAt({ status, body }: Answered, path: string): string {
  const found = path.split('.').reduce(member, body)
  if (typeof found === 'string' && found !== '') return found
  const code = ['errors', '0', 'extensions', 'code'].reduce(member, body)
  const why = typeof code === 'string' ? `${status}, ${code}` : String(status)
  throw new ConfigurationError(`--login: there is no token at ${path} of its answer (${why})`)
}

function member(value: unknown, name: string): unknown {
  const has = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  return has ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
