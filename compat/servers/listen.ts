import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Served } from './serve.ts'

/** Serves on a free port of this machine. */
export async function listen(listener: RequestListener, stop?: () => Promise<unknown>): Promise<Served> {
  const http = createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`,
    async close() {
      await stop?.()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
