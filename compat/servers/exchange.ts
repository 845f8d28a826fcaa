import { request } from 'node:http'
import { REASONS } from '../../src/core/refusal.ts'

export type Method = 'POST' | 'GET'

/** A request as it goes over the wire; a header may come twice. */
export interface Wire {
  readonly method: Method
  /** The GraphQL request, or several. */
  readonly body: object
  readonly headers: Readonly<Record<string, string | readonly string[]>>
}

/** What came back. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** What an answer says about whoever asked. */
export interface Verdict {
  readonly status: number
  readonly challenge?: string
  readonly retryAfter?: string
  /** The reason of each refusal. */
  readonly reasons: readonly string[]
  readonly data: unknown
  /** The names of the cookies that it sets; with a minus, that it takes away. */
  readonly cookies?: readonly string[]
}

/** One exchange over a socket, with nothing between that would make one header of two. */
export function exchange(url: string, { method, body, headers }: Wire): Promise<Reply> {
  const target = new URL(url)
  if (method === 'GET') {
    for (const [name, value] of Object.entries(body)) {
      target.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value))
    }
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(target, { method, headers: headers as Record<string, string> }, (incoming) => {
      incoming.setEncoding('utf8')
      let text = ''
      incoming.on('data', (chunk: string) => {
        text += chunk
      })
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }))
    })
    outgoing.on('error', reject)
    outgoing.end(method === 'POST' ? JSON.stringify(body) : undefined)
  })
}

interface Result {
  readonly data?: unknown
  readonly errors?: readonly { readonly extensions?: { readonly reason?: string } }[]
}

export function verdictOf({ status, headers, text }: Reply): Verdict {
  const parsed = parse(text)
  const results = [parsed].flat()
  const data = results.map((result) => result.data ?? null)
  const { 'www-authenticate': challenge, 'retry-after': retryAfter, 'set-cookie': lines } = headers
  const reasons = results
    .flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions?.reason ?? ''))
    .filter((reason) => Object.hasOwn(REASONS, reason))
  return {
    status,
    ...(challenge === undefined ? {} : { challenge: String(challenge) }),
    ...(retryAfter === undefined ? {} : { retryAfter: String(retryAfter) }),
    reasons,
    data: Array.isArray(parsed) ? data : data[0],
    ...(lines === undefined ? {} : { cookies: [lines].flat().map(cookieName).sort() }),
  }
}

function parse(text: string): Result | readonly Result[] {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function cookieName(line: string): string {
  return `${/; Max-Age=0(;|$)/.test(line) ? '-' : ''}${line.split('=')[0]}`
}
