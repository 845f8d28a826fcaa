import type { IncomingMessage } from 'node:http'

/** The parts of a node:http request that say what it asks for. */
export type TargetedRequest = Pick<IncomingMessage, 'url' | 'headers'>

/** What a Host would smuggle into the URL that it begins: a path, a query, a fragment, a user; and what readers of URLs leave out. */
const NO_HOST = /[/?#@\\\t\r\n]/

/**
 * Brings what a request asks for into the one form that everything after takes for granted: a path, and a Host. False where there is none to be read.
 *
 * A whole URL is one of the ways to ask (RFC 9112 section 3.2.2), and its host then counts instead of the header's.
 */
export function settleTarget(request: TargetedRequest): boolean {
  const { headers } = request
  const asked = request.url ?? ''
  if (asked.startsWith('/')) return isReadable(headers.host, asked)
  const [, host, rest] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(asked) ?? []
  if (host === undefined || rest === undefined || !isReadable(headers.host, '/')) return false
  headers.host = host
  request.url = rest.startsWith('/') ? rest : `/${rest}`
  return isReadable(host, request.url)
}

/** What was readable last: most requests ask for what the one before asked for. */
let readable: { readonly host: string | undefined; readonly url: string } | undefined

/** Whether Yoga can read the URL that it makes of these two. Where there is no Host, it takes the socket's address. */
function isReadable(host: string | undefined, url: string): boolean {
  if (readable?.url === url && readable.host === host) return true
  if (host !== undefined && NO_HOST.test(host)) return false
  if (!URL.canParse(`http://${host || 'localhost'}${url}`)) return false
  readable = { host, url }
  return true
}
