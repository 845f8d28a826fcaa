import { Command } from 'commander'
import type { TokenParts } from '../core/token-format.ts'
import { AuthError } from '../graphql/auth-error.ts'
import { utc } from '../server/utc.ts'
import { outOfReach, withInstance } from './instance.ts'
import { print } from './printing.ts'
import { readStdin } from './stdin.ts'
import { partsOf } from './token-parts.ts'

const TIMES = ['iat', 'nbf', 'exp', 'auth_time']

/** `graphql-authx token` */
export function tokenCommand(): Command {
  return new Command('token')
    .description('Looks at tokens.')
    .addCommand(
      new Command('inspect')
        .description(
          'Shows what a token says, and whether the server would take it, by its keys and its database.',
        )
        .argument(
          '[token]',
          'the token; left out or -, it is read from standard input, which keeps it out of the shell history',
        )
        .action(inspect),
    )
}

async function inspect(argument = '-'): Promise<void> {
  const token = argument === '-' ? await readStdin() : argument
  const parts = partsOf(token)
  const verdict = await judge(token, parts)
  const seen = { header: parts.header, claims: parts.payload, times: readable(parts), verdict }
  for (const line of JSON.stringify(seen, null, 2).split('\n')) print(line)
}

/** What the configured server would say. A look must not make a key or a database where there is none. */
async function judge(token: string, { payload }: TokenParts): Promise<string> {
  const reason = outOfReach()
  if (reason !== undefined) return `not judged: ${reason}`
  return withInstance(async ({ authx }) => {
    try {
      await authx.verify(token, { type: payload.type === 'refresh' ? 'refresh' : 'access' })
      return 'valid'
    } catch (error) {
      // A store that does not answer says nothing about the token.
      if (error instanceof AuthError && error.code !== 'SERVICE_UNAVAILABLE') return error.reason
      throw error
    }
  })
}

function readable({ payload }: TokenParts): Record<string, string> {
  const known = TIMES.filter(
    (name) => Number.isSafeInteger(payload[name]) && Math.abs(payload[name] as number) < 8.64e12,
  )
  return Object.fromEntries(known.map((name) => [name, utc((payload[name] as number) * 1000)]))
}
