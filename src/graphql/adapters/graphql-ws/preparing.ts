import { type ExecutionArgs, GraphQLError, getOperationAST, parse, validate } from 'graphql'
import type { Serving } from '../../serving.ts'
import type { Connection, Payload, SocketOptions } from './shapes.ts'

/**
 * What graphql-ws does before it executes, but that whoever sends a document with mistakes is answered. There, what is thrown is an error of the server: told on stderr, and the
 * connection is closed.
 */
export async function prepare(
  given: SocketOptions,
  serving: Serving,
  connection: Connection,
  id: string,
  payload: Payload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  let args = await given.onSubscribe?.(connection, id, payload)
  if (Array.isArray(args)) return args
  if (!args) {
    const document = (given.parse ?? parse)(payload.query)
    const { operationName, variables: variableValues } = payload
    args = { operationName, document, variableValues }
    const { schema } = given
    args.schema = typeof schema === 'function' ? await schema(connection, id, payload, args) : schema
    if (!args.schema) throw new TypeError('graphql-ws: give it a schema, or arguments in onSubscribe')
    const errors: readonly GraphQLError[] = (given.validate ?? validate)(args.schema, document)
    if (errors.length > 0) return serving.withoutHints(errors)
  }
  const operation = getOperationAST(args.document, args.operationName)?.operation
  if (operation === undefined) return [new GraphQLError('Unable to identify operation')]
  if (!('rootValue' in args)) args.rootValue = given.roots?.[operation]
  if (!('contextValue' in args)) {
    const { context } = given
    const own: unknown =
      typeof context === 'function' ? await context(connection, id, payload, args) : context
    args.contextValue = own ?? {}
  }
  return args
}
