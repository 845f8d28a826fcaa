import { noteAnswer, noteFailure } from './alarm.ts'
import { type Logger, loggable } from './logger.ts'
import { isOutage } from './outage.ts'
import { type Refusal, refuse } from './refusal.ts'
import { isThenable } from './thenable.ts'

/**
 * A caught cause is logged here, and only here; the caller learns nothing but that the answer is not to be had. Of a store that is out of reach the log has one line
 * when that begins and one when it ends; a mistake in code is logged each time, with its stack.
 */
export interface Patience {
  readonly callbackTimeout: number
  readonly logger: Logger
}

/** In how many parts time is counted: a process that stands still for long loses one of them, not all before it can look whether an answer came. */
const PARTS = 4

/**
 * Asks something that may throw, reject or stay silent. Whatever goes wrong is a refusal: knowing nothing is never a "no".
 *
 * An answer that is there at once stays synchronous.
 */
export function ask<Answer>(
  question: () => Answer | PromiseLike<Answer>,
  what: string,
  patience: Patience,
): Answer | Refusal | Promise<Answer | Refusal> {
  try {
    const answer = question()
    return isThenable(answer) ? settle(answer, what, patience) : answer
  } catch (error) {
    return unavailable(error, what, patience)
  }
}

async function settle<Answer>(
  answer: PromiseLike<Answer>,
  what: string,
  patience: Patience,
): Promise<Answer | Refusal> {
  const { callbackTimeout } = patience
  try {
    const given = await inTime(answer, callbackTimeout, `no answer within ${callbackTimeout} ms`)
    noteAnswer(what, patience.logger)
    return given
  } catch (error) {
    return unavailable(error, what, patience)
  }
}

/** @throws Error that says `silence` where the answer is not there after so many milliseconds in which this process could have looked */
export async function inTime<Answer>(
  answer: PromiseLike<Answer>,
  milliseconds: number,
  silence: string,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const silent = new Promise<never>((_, reject) => {
    const wait = (left: number): void => {
      const part = Math.min(left, Math.ceil(milliseconds / PARTS))
      if (left === 0) reject(new Error(silence))
      else timer = setTimeout(wait, part, left - part)
    }
    wait(milliseconds)
  })
  try {
    return await Promise.race([answer, silent])
  } finally {
    clearTimeout(timer)
  }
}

function unavailable(error: unknown, what: string, { logger }: Patience): Refusal {
  const err = loggable(error)
  if (isOutage(error)) noteFailure(what, err as { message: string }, logger)
  else logger.error({ err }, `${what} failed; the request is refused`)
  return refuse('REVOCATION_UNAVAILABLE')
}
