import { randomBytes } from 'node:crypto'
import { hash, type Options, verify } from '@node-rs/argon2'
import { GraphQLError } from 'graphql'
import pLimit, { type LimitFunction } from 'p-limit'
import { refuse } from '../core/refusal.ts'
import { AuthError } from '../graphql/auth-error.ts'
import type { LoginLimitSettings } from './settings.ts'

/** Argon2id as OWASP's Password Storage Cheat Sheet recommends: 19 MiB, two passes, one lane. */
const COST: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** More than anyone types, and little enough that hashing it costs no more than any other. */
export const LONGEST_PASSWORD = 1024

const SHORTEST_PASSWORD = 8

/** What a new password must be, where this one is not; undefined where it is. */
export function faultOf(password: string): string | undefined {
  if ([...password].length >= SHORTEST_PASSWORD && !isTooLong(password)) return undefined
  return `must have at least ${SHORTEST_PASSWORD} characters and at most ${LONGEST_PASSWORD} bytes`
}

/** @throws GraphQLError `BAD_USER_INPUT` where it cannot be a new password, naming the argument that it came in */
export function requirePassword(argument: string, password: string): void {
  const fault = faultOf(password)
  if (fault !== undefined) throw badInput(argument, fault)
}

/** An error about what a client typed. */
export function badInput(argument: string, fault: string): GraphQLError {
  return new GraphQLError(`${argument}: ${fault}`, { extensions: { code: 'BAD_USER_INPUT' } })
}

/** Hashes a password, taken verbatim, into a PHC string, as the server checks it. */
export async function hashPassword(password: string): Promise<string> {
  if (isTooLong(password)) throw new TypeError(`a password has at most ${LONGEST_PASSWORD} bytes`)
  return hash(password, COST)
}

/** Seconds after which a login may be tried again that found the queue full. */
const QUEUE_RETRY = 1

/** Checks and hashes passwords, so that nobody can tell from the time whether a user exists, a few at a time. */
export class PasswordCheck {
  /** Told when a hash cannot be read. */
  onUnreadable: () => void = () => undefined
  readonly #nobody: string
  readonly #limit: LimitFunction
  readonly #waiting: number

  private constructor(nobody: string, { hashes, waiting }: Pick<LoginLimitSettings, 'hashes' | 'waiting'>) {
    this.#nobody = nobody
    this.#limit = pLimit(hashes)
    this.#waiting = waiting
  }

  /** Makes the hash that stands in for users who do not exist: a real one, at the real cost. */
  static async create(settings: Pick<LoginLimitSettings, 'hashes' | 'waiting'>): Promise<PasswordCheck> {
    return new PasswordCheck(await hashPassword(randomBytes(32).toString('base64url')), settings)
  }

  /**
   * Whether the password is that of the hash. Without one, or with one that is no Argon2 hash, the answer is no, and takes as long.
   *
   * @throws AuthError `TOO_MANY_ATTEMPTS` where too many wait already
   */
  async matches(passwordHash: string | undefined, password: string): Promise<boolean> {
    const isPlausible = !isTooLong(password)
    const given = isPlausible ? password : ''
    const isRight = await this.#inTurn(async () => {
      try {
        return await verify(passwordHash ?? this.#nobody, given)
      } catch {
        // No hash of ours, as in a table from before: nobody's password, after as long.
        await verify(this.#nobody, given)
        return undefined
      }
    })
    if (isRight === undefined) this.onUnreadable()
    return isRight === true && isPlausible && passwordHash !== undefined
  }

  /** Hashes a new password, among those that are checked. Throws as {@link matches} does. */
  async hash(password: string): Promise<string> {
    return this.#inTurn(() => hashPassword(password))
  }

  async #inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const { activeCount, pendingCount, concurrency } = this.#limit
    // The sum: one that was let in a moment ago still counts as waiting.
    if (activeCount + pendingCount >= concurrency + this.#waiting) {
      throw new AuthError(refuse('TOO_MANY_ATTEMPTS', { retryAfter: QUEUE_RETRY }))
    }
    return this.#limit(work)
  }
}

function isTooLong(password: string): boolean {
  return Buffer.byteLength(password, 'utf8') > LONGEST_PASSWORD
}
