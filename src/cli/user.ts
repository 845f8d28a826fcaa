import { Command } from 'commander'
import { ConfigurationError } from '../core/configuration-error.ts'
import { addAccount, randomPassword } from '../server/accounts.ts'
import { openStore } from '../server/database.ts'
import { readEnvironment } from '../server/environment.ts'
import { faultOf } from '../server/passwords.ts'
import { readStdin } from './stdin.ts'

/** `graphql-authx user` */
export function userCommand(): Command {
  return new Command('user')
    .description('Manages who can log in, in the database of AUTHX_DATABASE_URL.')
    .addCommand(
      new Command('add')
        .description('Adds a user, with a random password that is printed once.')
        .argument('<username>', 'what the user logs in with')
        .option('--password-stdin', 'take the password from standard input, its last line break left out')
        .action(add),
    )
}

async function add(username: string, { passwordStdin = false }: { passwordStdin?: boolean }): Promise<void> {
  const { databaseUrl } = readEnvironment()
  if (databaseUrl === 'memory:') {
    throw new ConfigurationError(
      'AUTHX_DATABASE_URL: memory: forgets the user at once; name a database that stays',
    )
  }
  if (username.trim() === '' || username.length > 255) {
    throw new ConfigurationError('username: must have 1 to 255 characters, not all of them blank')
  }
  const password = passwordStdin ? checkPassword(await readStdin()) : randomPassword()
  const store = await openStore(databaseUrl)
  try {
    if (!(await addAccount(store, username, password))) {
      throw new ConfigurationError(`username: there is a user ${JSON.stringify(username)} already`)
    }
    console.log(
      passwordStdin ? `Added ${username}.` : `Added ${username}, password ${password} (shown this once).`,
    )
  } finally {
    await store.close()
  }
}

function checkPassword(password: string): string {
  const fault = faultOf(password)
  if (fault !== undefined) throw new ConfigurationError(`password: ${fault}`)
  return password
}
