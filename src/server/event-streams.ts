import type { ServerResponse } from 'node:http'
import type { Plugin } from 'graphql-yoga'

/** The answers over HTTP that go on: subscriptions, as server-sent events. */
export class EventStreams {
  readonly #open = new Set<ServerResponse>()
  #isCut = false

  plugin(): Plugin {
    return {
      onSubscribe: ({ args }) => {
        // Over a WebSocket there is none.
        const { res } = args.contextValue as { res?: ServerResponse }
        if (res === undefined) return
        if (this.#isCut) return void res.destroy()
        this.#open.add(res)
        res.once('close', () => this.#open.delete(res))
      },
    }
  }

  /** Cuts them off, and those to come, as a crash would: clients come back from that, and from a stream that is complete they do not. */
  cut(): void {
    this.#isCut = true
    for (const response of this.#open) response.destroy()
  }
}
