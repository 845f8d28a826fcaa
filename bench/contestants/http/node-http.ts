import type { IncomingMessage, ServerResponse } from 'node:http'
import { type DocumentNode, execute, type GraphQLSchema, parse, validate } from 'graphql'
import type { Serve } from '../../contest.ts'
import { USER } from '../../fixture.ts'
import { listen } from './listen.ts'
import { bareSchema, handGuarded } from './schema.ts'
import { cached as cachedWith, revokedBy } from './verify.ts'

function read(request: IncomingMessage, then: (text: string) => void): void {
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (part) => {
    text += part
  })
  request.on('end', () => then(text))
}

function answer(response: ServerResponse, result: unknown): void {
  const text = JSON.stringify(result)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

/** No GraphQL at all: the same answer to everything that was read. */
export const bare: Serve = () =>
  listen((request, response) =>
    read(request, (text) => {
      JSON.parse(text)
      answer(response, { data: { member: USER } })
    }),
  )

/** graphql-js by hand, as little as answers a query: a document is parsed and validated once. */
function byHand(schema: GraphQLSchema, contextOf: (request: IncomingMessage) => object): ReturnType<Serve> {
  const documents = new Map<string, DocumentNode>()
  return listen((request, response) =>
    read(request, (text) => {
      const { query } = JSON.parse(text) as { query: string }
      let document = documents.get(query)
      if (document === undefined) {
        document = parse(query)
        const errors = validate(schema, document)
        if (errors.length > 0) return answer(response, { errors })
        if (documents.size < 1000) documents.set(query, document)
      }
      const result = execute({ schema, document, contextValue: contextOf(request) })
      if (result instanceof Promise) void result.then((settled) => answer(response, settled))
      else answer(response, result)
    }),
  )
}

export const graphql: Serve = () => byHand(bareSchema(), () => ({}))

export const verified: Serve = (tokens) => {
  const authenticate = cachedWith(revokedBy(tokens))
  return byHand(handGuarded(), ({ headers }) => ({ user: authenticate(headers.authorization) }))
}
