import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema, type ExecutionResult, GraphQLError, getOperationAST, graphql, parse } from 'graphql'
import { WebSocketServer } from 'ws'
import { createCredentials } from './handmade-credentials.ts'
import type { Fault } from './handmade-faults.ts'

/** A GraphQL server with logins of its own, without graphql-authx, that does things wrong. */
export interface HandmadeServer extends AsyncDisposable {
  readonly url: string
  readonly publicKey: string
  expired(): string
  login(): { readonly accessToken: string; readonly refreshToken: string }
}

const SCHEMA = buildSchema(`
  type Query { open: String secret: String! may: String reading: String! }
  type Mutation { login: [String!]! logout: Boolean! change: String! }
  type Subscription { ticks: Int }
`)

interface Operation {
  readonly query: string
  readonly variables?: Record<string, unknown>
  readonly operationName?: string
}

export async function startHandmade(faults: readonly Fault[] = []): Promise<HandmadeServer> {
  const has = (one: Fault): boolean => faults.includes(one)
  const credentials = createCredentials(has)
  const { callerOf, tokensIn } = credentials
  type Caller = ReturnType<typeof callerOf>

  const refuse = (caller: Caller, code = 'UNAUTHENTICATED'): GraphQLError =>
    new GraphQLError(
      has('echo') ? `not a token: ${caller.token}` : 'Not allowed'.repeat(has('long-refusals') ? 100_000 : 1),
      {
        extensions: has('no-codes') ? {} : { code },
      },
    )
  const guarded =
    (caller: Caller, value: string) =>
    (
      _args: unknown,
      _context: unknown,
      info: { readonly path: { readonly key: string | number } },
    ): string => {
      const isOpen = has('by-response-key') && !['secret', 'may', 'change'].includes(String(info.path.key))
      if (has('refuses-everybody') || (!isOpen && !caller.isGood && !has('guards-nothing')))
        throw refuse(caller)
      return value
    }
  const rootFor = (caller: Caller): object => ({
    open: 'open',
    secret: guarded(caller, 'secret'),
    may: guarded(caller, 'may'),
    reading: (): string => {
      if (!has('scopes-unchecked')) throw refuse(caller, 'FORBIDDEN')
      return 'read'
    },
    change: has('mutations-unguarded') ? 'changed' : guarded(caller, 'changed'),
    login: () => Object.values(credentials.login()),
    logout: () => credentials.logout(caller.token),
  })
  const run = ({ query, variables, operationName }: Operation, caller: Caller): Promise<ExecutionResult> =>
    graphql({
      schema: SCHEMA,
      source: query,
      rootValue: rootFor(caller),
      variableValues: variables,
      operationName,
    })
  /** One that looks at the fields at the top, and lets pass what it does not see there. */
  const seenAtTop = (operation: Operation, caller: Caller): Caller => {
    const seen =
      getOperationAST(parse(operation.query), operation.operationName)?.selectionSet.selections ?? []
    const isSeen = seen.some((one) => one.kind === 'Field' && one.name.value === 'secret')
    return has('looks-at-the-top') && !isSeen ? { ...caller, isGood: true } : caller
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost')
    const found = tokensIn(request, searchParams)
    const caller = callerOf(found.length > 0 ? found : tokenInCookie(request, has))
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      const cached = has('cached') ? {} : { 'cache-control': 'no-store' }
      response.writeHead(status, { 'content-type': 'application/json', ...cached, ...headers })
      response.end(JSON.stringify(body))
    }
    if (has('crashes') && found.length > 0 && !caller.isGood) return send(500, {})
    const body =
      request.method === 'GET'
        ? undefined
        : await bodyOf(request, has('forms') || (has('cookie-forms') && request.headers.cookie !== undefined))
    if (request.method !== 'GET' && body === undefined) return send(415, {})
    if (request.headers.accept === 'text/event-stream') return events(caller, response)
    const given = (body ?? { query: searchParams.get('query') ?? '' }) as Operation | Operation[]
    const [first, ...rest] = [given].flat()
    if (first === undefined) return send(400, {})
    const isMutation = getOperationAST(parse(first.query), first.operationName)?.operation === 'mutation'
    if (request.method === 'GET' && isMutation && !has('mutations-by-get')) return send(405, {})
    const isLate = first.query.includes('@defer')
    const isOpen = (has('get-unguarded') && request.method === 'GET') || (has('deferred-unguarded') && isLate)
    const asked = isOpen ? { ...caller, isGood: true } : caller
    if (isLate) {
      // Not a word of what is deferred in the first part.
      const { data, errors } = await run({ ...first, query: first.query.replace('@defer', '') }, asked)
      response.writeHead(200, { 'content-type': 'multipart/mixed; boundary="-"' })
      response.end(
        `${[{ data: {} }, { incremental: [{ data, errors, path: [] }] }].map(part).join('')}-----\r\n`,
      )
      return
    }
    const later = has('first-of-batch') ? { ...caller, isGood: true } : caller
    const results = [await run(first, seenAtTop(first, asked))]
    for (const one of rest) results.push(await run(one, seenAtTop(one, later)))
    const { status, headers } = outcome(results, caller)
    send(status, Array.isArray(given) ? results : results[0], headers)
  }

  function outcome(results: readonly ExecutionResult[], caller: Caller) {
    const codes = results.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code))
    const isRefused = results.some(({ errors }) => errors !== undefined)
    const hasData = results.some(({ data }) => data != null)
    if (!isRefused || has('always-200')) return { status: 200, headers: {} }
    if (hasData) return { status: has('400-for-partial') ? 400 : 200, headers: {} }
    if (codes.includes('FORBIDDEN')) return { status: has('401-for-scopes') ? 401 : 403, headers: {} }
    const isCalledError = has('error-for-missing') || (caller.token !== '' && !has('no-error-for-bad'))
    const challenge = isCalledError ? 'Bearer error="invalid_token"' : 'Bearer'
    const headers: Record<string, string> = has('no-challenge') ? {} : { 'www-authenticate': challenge }
    return { status: 401, headers }
  }

  function events(caller: Caller, response: ServerResponse): void {
    if (!caller.isGood && !has('sse-unguarded')) {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(':\n\n')
    if (!has('sse-outlives')) credentials.onLogout(caller.token, () => response.end())
  }

  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(400).end('{}'))
  })
  const sockets = new WebSocketServer({ server: http })
  sockets.on('connection', (socket) => {
    let caller: Caller | undefined
    socket.on('message', (text) => {
      const { type, id, payload } = JSON.parse(String(text))
      const send = (message: object): void => socket.send(JSON.stringify(message))
      if (type === 'connection_init') {
        const header = payload?.Authorization as string | undefined
        const found = header === undefined ? [] : [header.replace('Bearer ', '')]
        caller = callerOf(found)
        const isKept = has('socket-keeps-revoked') && credentials.wasGood(caller.token)
        if (isKept || has('socket-unguarded')) caller = { ...caller, isGood: true }
        const isBad = found.length > 0 && !caller.isGood
        if (isBad && !has('socket-welcomes-bad')) socket.close(4403)
        else send({ type: 'connection_ack' })
      } else if (type === 'subscribe') {
        if (caller === undefined) {
          if (!has('socket-without-welcome')) socket.close(4401)
          return
        }
        if (!caller.isGood || has('socket-refuses'))
          send({ type: 'error', id, payload: [{ message: 'Not allowed' }] })
        else if (!has('socket-outlives')) credentials.onLogout(caller.token, () => socket.close(4403))
      }
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`,
    publicKey: credentials.publicKey,
    expired: credentials.expired,
    login: credentials.login,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

/** A part of a multipart answer (RFC 2046). */
function part(content: object): string {
  return `---\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(content)}\r\n`
}

/** What a cookie says, where the page that sends it is one of ours. */
function tokenInCookie({ headers }: IncomingMessage, has: (fault: Fault) => boolean): readonly string[] {
  const [, token] = /^session=(.+)$/.exec(headers.cookie ?? '') ?? []
  const isForm = headers['content-type'] !== 'application/json'
  const isOurs = headers['x-csrf'] === '1' || has(isForm ? 'cookie-forms' : 'cookie-alone')
  return token !== undefined && isOurs ? [token] : []
}

/** JSON alone, or whatever there may be JSON or fields in. */
async function bodyOf(request: IncomingMessage, takesForms: boolean): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  const type = request.headers['content-type'] ?? ''
  if (type === 'application/json') return JSON.parse(text)
  if (!takesForms) return undefined
  return type.startsWith('text/plain') ? JSON.parse(text) : { query: new URLSearchParams(text).get('query') }
}
