// biome-ignore-start lint/suspicious/noExplicitAny: each server's handler has request types of its own
/** The options of graphql-http's handlers that are wrapped. Their types stay as they are. */
export interface HttpHandlerOptions {
  schema?: any
  context?: any
  validate?: any
  execute?: any
  onSubscribe?: ((req: any, params: any) => unknown) | undefined
  onOperation?: ((req: any, args: any, result: any) => unknown) | undefined
  formatError?: ((error: any) => Error) | undefined
  parseRequestParams?: ((req: any) => unknown) | undefined
}
// biome-ignore-end lint/suspicious/noExplicitAny: as above
