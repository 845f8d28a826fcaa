import type { HttpOutcome } from '../../outcome.ts'
import type { ServedRequest } from '../../served-request.ts'
import { Refused } from './refused.ts'
import type { MercuriusReply } from './shapes.ts'

/** One request that came to Mercurius, up to the headers of its answer. */
export class Answer {
  readonly opened: ServedRequest
  readonly #reply: MercuriusReply
  #finished: Promise<void> | undefined
  #refused: Refused | undefined

  constructor(reply: MercuriusReply, opened: ServedRequest) {
    this.#reply = reply
    this.opened = opened
    this.#finishBeforeSending()
  }

  setOutcome({ status, headers }: HttpOutcome): void {
    this.#reply.code(status)
    for (const [name, value] of Object.entries(headers)) this.#reply.header(name, value)
  }

  /** Sets the headers, once, and the status of a refusal, whatever an error's handler said. */
  async finish(): Promise<void> {
    this.#finished ??= this.#setHeaders()
    await this.#finished
    if (this.#refused !== undefined) {
      this.setOutcome({ status: this.#refused.statusCode, headers: this.#refused.headers })
    }
  }

  /** Fastify's hooks do not reach the route that Mercurius made before; there, what is sent goes through here. */
  #finishBeforeSending(): void {
    const reply = this.#reply
    const { send } = reply
    reply.send = (payload) => {
      if (payload instanceof Refused) this.#refused = payload
      this.finish().then(
        () => send.call(reply, payload),
        (error) => send.call(reply, error),
      )
      return reply
    }
  }

  async #setHeaders(): Promise<void> {
    const { cookies, isPrivate } = await this.opened.finish()
    if (isPrivate) this.#reply.header('Cache-Control', 'no-store')
    if (cookies.length > 0) this.#reply.header('Set-Cookie', cookies)
  }
}
