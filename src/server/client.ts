import type { ServerContext } from './context.ts'

/** Who is calling: the browser or program by its own account, and the address that the request comes from. */
export function originOf({ request, source }: Pick<ServerContext, 'request' | 'source'>): {
  readonly address: string
  readonly device?: string
} {
  const device = request.headers.get('user-agent')
  return { address: source, ...(device !== null ? { device } : {}) }
}
