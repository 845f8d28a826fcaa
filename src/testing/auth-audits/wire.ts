import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

/** Milliseconds until a server that does not answer has failed. */
const PATIENCE = 20_000

/** A request as it goes over the wire: nothing makes one header of two. */
export interface WireRequest {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
}

/** An answer as it came. */
export interface WireAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** An answer that comes in parts. */
export interface WireStream {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** All that came so far. */
  text(): string
  /** Resolves with true when the server ends it, with false after so many milliseconds. */
  ended(within: number): Promise<boolean>
  close(): void
}

/** @throws Error where nothing answers in time */
export async function exchange(url: URL, wanted: WireRequest): Promise<WireAnswer> {
  const stream = await openStream(url, wanted)
  try {
    if (!(await stream.ended(PATIENCE))) throw new Error(`no whole answer within ${PATIENCE} ms`)
    return { status: stream.status, headers: stream.headers, text: stream.text() }
  } finally {
    stream.close()
  }
}

/** @throws Error where nothing answers in time */
export async function openStream(url: URL, wanted: WireRequest): Promise<WireStream> {
  const incoming = await answerTo(url, wanted)
  let text = ''
  let isEnded = false
  incoming.setEncoding('utf8')
  incoming.on('data', (chunk: string) => {
    text += chunk
  })
  const end = new Promise<true>((resolve) => {
    // A connection that is cut ends an answer too.
    for (const event of ['end', 'error', 'close']) incoming.once(event, () => resolve(true))
  }).then((ended) => {
    isEnded = true
    return ended
  })
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    text: () => text,
    ended: (within) => (isEnded ? Promise.resolve(true) : Promise.race([end, after(within)])),
    close: () => incoming.destroy(),
  }
}

function answerTo(url: URL, { method, headers, body }: WireRequest): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    // No connection is kept: each request is a stranger's.
    const outgoing = request(
      url,
      { method, headers: headers as Record<string, string>, agent: false },
      resolve,
    )
    outgoing.setTimeout(PATIENCE, () => outgoing.destroy(new Error(`no answer within ${PATIENCE} ms`)))
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function after(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, false).unref())
}
