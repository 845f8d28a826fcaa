import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiProcess } from './api-process.ts'
import { between } from './backends.ts'
import type { History, Moment } from './history.ts'

/** A login, and all tokens of it that were ever handed out. */
interface Login {
  readonly sid: string
  readonly sub: string
  readonly accessTokens: string[]
  refreshToken: string
  generation: number
  /** A refresh is under way, or one was never answered: then nobody can tell which token is the current one. */
  refreshing: boolean
  ending: boolean
}

/** How many sessions are alive at a time. */
const SESSIONS = 150
/** How many of those that ended are still tried. */
const REMEMBERED = 400
/** Sessions of one user. */
const PER_USER = 3

/** What clients do all the time: log in, look, refresh and log out, at whichever process answers. Everything they see goes into the history. */
export class Traffic {
  readonly #processes: readonly ApiProcess[]
  readonly #history: History
  readonly #writers: number
  readonly #logins: Login[] = []
  readonly #ended: Login[] = []
  #users = 0
  #running = true
  /** Refusals because nobody could say. */
  unavailable = 0
  /** Milliseconds that the longest of those took. */
  slowestUnavailable = 0

  /** @param writers how many clients write at the same time */
  constructor(processes: readonly ApiProcess[], history: History, writers: number) {
    this.#writers = writers
    this.#processes = processes
    this.#history = history
  }

  /** Runs until {@link stop}. */
  async run(): Promise<void> {
    const loop = async (work: () => Promise<void>): Promise<void> => {
      while (this.#running) await work()
    }
    await Promise.all([
      ...times(Math.ceil(this.#writers * 0.3), () => loop(() => this.#login())),
      ...times(Math.ceil(this.#writers * 0.5), () => loop(() => this.#logout())),
      ...times(Math.ceil(this.#writers * 0.2), () => loop(() => this.#refresh())),
      ...times(12, (index) => loop(() => this.#look(index))),
    ])
  }

  stop(): void {
    this.#running = false
  }

  async #login(): Promise<void> {
    if (this.#logins.length >= SESSIONS) return void (await sleep(5))
    const sub = `user-${Math.floor(this.#users++ / PER_USER)}`
    const answer = await pick(this.#processes)?.ask(
      `mutation { login(sub: "${sub}") { accessToken refreshToken } }`,
    )
    const pair = answer?.data?.login as { accessToken: string; refreshToken: string } | undefined
    if (pair == null) return void (await sleep(20))
    const { sid, gen } = claimsOf(pair.refreshToken)
    this.#logins.push({
      sid,
      sub,
      accessTokens: [pair.accessToken],
      refreshToken: pair.refreshToken,
      generation: gen ?? 0,
      refreshing: false,
      ending: false,
    })
  }

  /** Ends a session, a token's or all of a user, and notes when that was acknowledged; what is not is tried again. */
  async #logout(): Promise<void> {
    await sleep(between(0, 100))
    const login = pick(this.#logins)
    if (login === undefined || login.ending) return
    const together =
      Math.random() < 0.1 ? this.#logins.filter(({ sub, ending }) => sub === login.sub && !ending) : [login]
    for (const one of together) one.ending = true
    const way = together.length > 1 ? 'everywhere' : (pick(['logout', revoking(login)]) ?? 'logout')
    if (await this.#isDone(way, login.accessTokens.at(-1))) return this.#noteEnds(together)
    // What was not acknowledged may have happened all the same, and then the token does no more.
    for (const one of together) {
      while (!(await this.#isDone(revoking(one)))) {
        if (!this.#running) return
        await sleep(50)
      }
      this.#noteEnds([one])
    }
  }

  async #isDone(way: string, token?: string): Promise<boolean> {
    const answer = await pick(this.#processes)?.ask(`mutation { done: ${way} }`, token)
    return answer?.data?.done === true
  }

  #noteEnds(logins: readonly Login[]): void {
    const now = process.hrtime.bigint()
    for (const one of logins) {
      this.#history.ended.set(one.sid, now)
      this.#logins.splice(this.#logins.indexOf(one), 1)
      this.#ended.push(one)
    }
    if (this.#ended.length > REMEMBERED) this.#ended.splice(0, this.#ended.length - REMEMBERED)
  }

  /** Shows one refresh token to several processes at once. */
  async #refresh(): Promise<void> {
    await sleep(between(5, 40))
    const login = pick(Math.random() < 0.7 ? this.#logins : this.#ended)
    if (login === undefined || login.refreshing) return
    login.refreshing = true
    const { sid, refreshToken, generation } = login
    const sent = process.hrtime.bigint()
    const answers = await Promise.all(
      times(pick([1, 2, 3, 5]) ?? 1, () =>
        pick(this.#processes)?.ask('mutation { refresh { accessToken refreshToken } }', refreshToken),
      ),
    )
    for (const answer of answers) {
      const pair = answer?.data?.refresh as { accessToken: string; refreshToken: string } | undefined | null
      if (answer?.errors?.[0]?.extensions?.reason === 'TOKEN_REUSED') this.#history.alarms.push(sid)
      if (pair == null) continue
      const { jti, gen } = claimsOf(pair.refreshToken)
      this.#history.refreshed.push({ sid, generation, successor: jti, sent })
      login.accessTokens.push(pair.accessToken)
      login.refreshToken = pair.refreshToken
      login.generation = gen ?? generation + 1
    }
    // An answer that never came may still be on its way through a process that was stopped.
    login.refreshing = answers.some((answer) => answer == null)
  }

  async #look(index: number): Promise<void> {
    const login = pick(Math.random() < 0.4 ? this.#logins : this.#ended.slice(-40))
    const process_ = this.#processes[index % this.#processes.length] as ApiProcess
    const token = login && pick(login.accessTokens)
    if (login === undefined || token === undefined) return void (await sleep(5))
    // Checks leave the machine some time for everything else.
    await sleep(between(2, 20))
    const { name } = process_
    const began = performance.now()
    const answer = await process_.ask('{ check }', token)
    const started = answer?.data?.check
    const reason = answer?.errors?.[0]?.extensions?.reason
    if (typeof started === 'string') this.#note(login.sid, name, BigInt(started), 'accepted')
    else if (reason === 'TOKEN_REVOKED') this.#note(login.sid, name, process.hrtime.bigint(), 'revoked')
    else if (reason === 'REVOCATION_UNAVAILABLE') {
      this.unavailable += 1
      this.slowestUnavailable = Math.max(this.slowestUnavailable, performance.now() - began)
    } else await sleep(20)
  }

  #note(sid: string, process: string, at: Moment, verdict: 'accepted' | 'revoked'): void {
    this.#history.checks.push({ sid, process, at, verdict })
  }
}

function revoking({ refreshToken }: Login): string {
  return `revoke(token: "${refreshToken}")`
}

function claimsOf(token: string): { sid: string; jti: string; gen?: number } {
  const [, payload = ''] = token.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}

function pick<Value>(list: readonly Value[]): Value | undefined {
  return list[Math.floor(Math.random() * list.length)]
}

function times<Value>(count: number, make: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => make(index))
}
