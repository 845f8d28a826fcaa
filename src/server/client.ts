import type { LoginInput } from '../core/sessions.ts'
import type { ServerContext } from './context.ts'

/** Who is calling: the browser or program by its own account, and the address of the connection. */
export function originOf({
  request,
  req,
}: Pick<ServerContext, 'request' | 'req'>): Pick<LoginInput, 'device' | 'address'> {
  const device = request.headers.get('user-agent')
  const address = req?.socket.remoteAddress
  return {
    ...(device !== null ? { device } : {}),
    ...(address !== undefined ? { address } : {}),
  }
}
