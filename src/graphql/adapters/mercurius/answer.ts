import type { HttpOutcome } from '../../outcome.ts'
import type { AnswerHeaders, ServedRequest } from '../../served-request.ts'
import { Refused } from './refused.ts'
import type { MercuriusReply } from './shapes.ts'

/** One request that came to Mercurius, up to the headers of its answer. */
export class Answer {
  readonly opened: ServedRequest
  readonly #reply: MercuriusReply
  readonly #send: MercuriusReply['send']
  #isFinished = false
  /** There only where something has to be waited for. */
  #finishing: Promise<void> | undefined
  #refused: Refused | undefined

  constructor(reply: MercuriusReply, opened: ServedRequest) {
    this.#reply = reply
    this.opened = opened
    this.#send = reply.send
  }

  setOutcome({ status, headers }: HttpOutcome): void {
    this.#reply.code(status)
    for (const [name, value] of Object.entries(headers)) this.#reply.header(name, value)
  }

  /** Sets the headers, once, and the status of a refusal, whatever an error's handler said. A promise only where there is something to wait for. */
  finish(): undefined | Promise<void> {
    if (!this.#isFinished) {
      this.#isFinished = true
      const headers = this.opened.finish()
      if (headers instanceof Promise) this.#finishing = headers.then((settled) => this.#setHeaders(settled))
      else this.#setHeaders(headers)
    }
    if (this.#finishing !== undefined) return this.#finishing.then(() => this.#setRefusal())
    this.#setRefusal()
    return undefined
  }

  /** Sends a payload of the reply's, once there are headers. */
  send(payload: unknown): unknown {
    if (payload instanceof Refused) this.#refused = payload
    const finished = this.finish()
    if (finished === undefined) return this.#send.call(this.#reply, payload)
    finished.then(
      () => this.#send.call(this.#reply, payload),
      (error) => this.#send.call(this.#reply, error),
    )
    return this.#reply
  }

  #setHeaders({ cookies, isPrivate }: AnswerHeaders): void {
    if (isPrivate) this.#reply.header('Cache-Control', 'no-store')
    if (cookies.length > 0) this.#reply.header('Set-Cookie', cookies)
  }

  #setRefusal(): void {
    if (this.#refused === undefined) return
    this.setOutcome({ status: this.#refused.statusCode, headers: this.#refused.headers })
  }
}
