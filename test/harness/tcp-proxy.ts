import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a server on this machine that can swallow what is sent over the connections there are. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** From now on nothing gets through on the connections that are open, and none of them is closed; new ones work. */
  swallow(): void
  /** What was swallowed arrives after all. */
  release(): void
  /** Hangs up on both sides. */
  cut(): void
}

export async function tcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    client.pipe(upstream).pipe(client)
    for (const socket of pair) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        pairs.delete(pair)
        for (const other of pair) other.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const cut = (): void => {
    for (const socket of [...pairs].flat()) socket.destroy()
  }
  return {
    port: address.port,
    swallow() {
      for (const [client, upstream] of pairs) {
        client.unpipe()
        upstream.unpipe()
        client.pause()
        upstream.pause()
      }
    },
    release() {
      for (const [client, upstream] of pairs) client.pipe(upstream).pipe(client)
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
