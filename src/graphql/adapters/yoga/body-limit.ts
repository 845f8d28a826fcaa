import type { IncomingMessage } from 'node:http'
import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { whole } from '../../../core/option-checks.ts'

/** The parts of a request that are made anew once its body was read. */
interface Fetch {
  readonly Request: typeof Request
}

/**
 * Yoga's limit on the bytes of a body, without what that costs: node:http holds a body to the length that it declares, so only a body that declares none is counted while it comes. Instead of
 * Yoga's own.
 *
 * @example
 * createYoga({ schema, maxRequestBodySize: false, plugins: [useBodyLimit(100_000), useAuthX(authx)] })
 *
 * @param bytes a longer body is answered with 413
 * @throws ConfigurationError where that is no whole number
 */
export function useBodyLimit(bytes: number): Plugin {
  whole('useBodyLimit', bytes, 1)
  return {
    onRequestParse({ request, requestParser, setRequestParser, serverContext, fetchAPI }) {
      const declared = request.headers.get('content-length')
      if (declared !== null && !/^\d+$/.test(declared))
        throw problem(400, 'BAD_REQUEST', 'The header Content-Length cannot be read.')
      if (Number(declared) > bytes) throw tooLarge()
      if (requestParser === undefined || (declared !== null && isHeldTo(serverContext))) return
      setRequestParser(async (received) => requestParser(await readWhole(received, bytes, fetchAPI as Fetch)))
    },
  }
}

/** Over HTTP/1.1 a body ends where its length says, whatever is sent (RFC 9112 section 6.2); of others nobody here knows. */
function isHeldTo(serverContext: unknown): boolean {
  const { req } = serverContext as { readonly req?: IncomingMessage }
  return req?.httpVersionMajor === 1 && req.headers['transfer-encoding'] === undefined
}

async function readWhole(request: Request, bytes: number, { Request: Made }: Fetch): Promise<Request> {
  const { body, method, headers, signal, url } = request
  if (body === null) return request
  const parts: Uint8Array[] = []
  let length = 0
  const reader = body.getReader()
  for (;;) {
    const { value, done } = await reader.read()
    if (done) break
    length += value.byteLength
    // Not cancelled, which would close the connection before the answer is out; nobody keeps what still comes.
    if (length > bytes) throw tooLarge()
    parts.push(value)
  }
  return new Made(url, { method, headers, signal, body: Buffer.concat(parts) })
}

function tooLarge(): GraphQLError {
  return problem(413, 'REQUEST_ENTITY_TOO_LARGE', 'The body is too large.')
}

function problem(status: number, code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status } } })
}
