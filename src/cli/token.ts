import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { ConfigurationError } from '../core/configuration-error.ts'
import { type TokenParts, takeApart } from '../core/token-format.ts'
import { AuthError } from '../graphql/auth-error.ts'
import { createServerAuthX } from '../server/app.ts'
import { databaseExists, openStore } from '../server/database.ts'
import { GENERATED_KEYS, readEnvironment } from '../server/environment.ts'
import { configuredKeys } from '../server/index.ts'
import { readStdin } from './stdin.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {} }

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
  const parts = takeApart(token)
  if (!('payload' in parts)) {
    throw new ConfigurationError('token: this is no token; one has three parts of base64url, joined by dots')
  }
  const verdict = await judge(token, parts)
  console.log(
    JSON.stringify({ header: parts.header, claims: parts.payload, times: readable(parts), verdict }, null, 2),
  )
}

/** What the configured server would say. A look must not make a key or a database where there is none. */
async function judge(token: string, { payload }: TokenParts): Promise<string> {
  const settings = readEnvironment()
  if (settings.secret === undefined && !existsSync(settings.keysFile ?? GENERATED_KEYS)) {
    return `not judged: no key in AUTHX_SECRET, AUTHX_KEYS_FILE or ${GENERATED_KEYS}`
  }
  if (!databaseExists(settings.databaseUrl)) return `not judged: no database at ${settings.databaseUrl}`
  const store = await openStore(settings.databaseUrl)
  const authx = createServerAuthX(settings, configuredKeys(settings, silent), store, silent)
  try {
    await authx.verify(token, { type: payload.type === 'refresh' ? 'refresh' : 'access' })
    return 'valid'
  } catch (error) {
    if (error instanceof AuthError) return error.reason
    throw error
  } finally {
    await authx.close()
  }
}

function readable({ payload }: TokenParts): Record<string, string> {
  const known = TIMES.filter(
    (name) => Number.isSafeInteger(payload[name]) && Math.abs(payload[name] as number) < 8.64e12,
  )
  return Object.fromEntries(
    known.map((name) => [name, new Date((payload[name] as number) * 1000).toISOString()]),
  )
}
