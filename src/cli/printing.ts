import { inspect } from 'node:util'
import { ConfigurationError } from '../core/configuration-error.ts'

/** What a terminal obeys, hides or turns around instead of showing it, and what ends a line. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Prints one line. Names, devices and ids are strangers' texts, so what is invisible in it is written out; JSON stays JSON. */
export function print(line: string): void {
  console.log(visible(line))
}

/** Prints why a command failed: one line where an operator can mend it; anything else is ours, and its stack is wanted. */
export function printFailure(error: unknown): void {
  const lines =
    error instanceof ConfigurationError ? [`graphql-authx: ${error.message}`] : inspect(error).split('\n')
  for (const line of lines) console.error(visible(line))
}

function visible(line: string): string {
  return line.replace(INVISIBLE, (character) =>
    // By UTF-16 units, as JSON has it.
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}
