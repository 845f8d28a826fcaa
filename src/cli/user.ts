import { Command } from 'commander'
import { ConfigurationError } from '../core/configuration-error.ts'
import { addAccount, faultOfUsername, randomPassword } from '../server/accounts.ts'
import { faultOf, hashPassword } from '../server/passwords.ts'
import { onAccount, onStore } from './accounts.ts'
import { endAllAround } from './endings.ts'
import { print } from './printing.ts'
import { scopesCommand } from './scopes.ts'
import { readStdin } from './stdin.ts'

/** `graphql-authx user` */
export function userCommand(): Command {
  return new Command('user')
    .description('Manages who can log in, in the database of AUTHX_DATABASE_URL.')
    .addCommand(
      withPassword(
        named(
          'add',
          'Adds a user, with a random password that is printed once.',
          'what the user logs in with',
        ),
      ).action(add),
    )
    .addCommand(
      named(
        'show',
        'Shows a user as one JSON object: the id, which is the sub of tokens, and how many sessions there are.',
      ).action(show),
    )
    .addCommand(
      named('disable', 'Lets a user log in no more, and ends all sessions of the user.').action(disable),
    )
    .addCommand(named('enable', 'Lets a disabled user log in again.').action(enable))
    .addCommand(
      withPassword(
        named('password', 'Gives a user a new random password, printed once, and ends all sessions.'),
      ).action(password),
    )
    .addCommand(scopesCommand())
    .addCommand(named('delete', 'Deletes a user for good, and ends all sessions of the user.').action(remove))
}

interface PasswordOptions {
  readonly passwordStdin?: boolean
}

function named(name: string, description: string, argument = 'who'): Command {
  return new Command(name).description(description).argument('<username>', argument)
}

function withPassword(command: Command): Command {
  return command.option(
    '--password-stdin',
    'take the password from standard input, its last line break left out',
  )
}

async function add(username: string, options: PasswordOptions): Promise<void> {
  const fault = faultOfUsername(username)
  if (fault !== undefined) throw new ConfigurationError(`username: ${fault}`)
  const chosen = await choosePassword(options)
  await onStore('make', async (store) => {
    if (!(await addAccount(store, username, chosen.password))) {
      throw new ConfigurationError(`username: there is a user ${JSON.stringify(username)} already`)
    }
    print(chosen.shown === '' ? `Added ${username}.` : `Added ${username}, ${chosen.shown}.`)
  })
}

async function show(username: string): Promise<void> {
  await onAccount(username, async ({ id, username: name, disabled, scopes }, store) => {
    const issuers = await store.listIssuers(id)
    const sessions = await Promise.all(issuers.map((issuer) => store.listSessions(issuer, id)))
    print(JSON.stringify({ id, username: name, disabled, scopes, sessions: sessions.flat().length }))
  })
}

async function disable(username: string): Promise<void> {
  await onAccount(username, async ({ id, username: name }, store) => {
    const ended = await endAllAround(store, id, () => store.changeAccount(id, { disabled: true }))
    print(`Disabled ${name} and ended all sessions (${ended}).`)
  })
}

async function enable(username: string): Promise<void> {
  await onAccount(username, async (account, store) => {
    await store.changeAccount(account.id, { disabled: false })
    print(`Enabled ${account.username}.`)
  })
}

async function password(username: string, options: PasswordOptions): Promise<void> {
  const chosen = await choosePassword(options)
  await onAccount(username, async ({ id, username: name }, store) => {
    const passwordHash = await hashPassword(chosen.password)
    const change = () => store.changeAccount(id, { passwordHash })
    const ended = await endAllAround(store, id, change, 'PASSWORD_CHANGED')
    print(`Changed the password of ${name} and ended all sessions (${ended}).`)
    if (chosen.shown !== '') print(`The new ${chosen.shown}`)
  })
}

async function remove(username: string): Promise<void> {
  await onAccount(username, async ({ id, username: name }, store) => {
    // Gone only once everything has ended: whoever is interrupted can do it again.
    const ended = await endAllAround(store, id, () => store.changeAccount(id, { disabled: true }))
    await store.deleteAccount(id)
    print(`Deleted ${name} and ended all sessions (${ended}).`)
  })
}

async function choosePassword({
  passwordStdin = false,
}: PasswordOptions): Promise<{ readonly password: string; readonly shown: string }> {
  if (passwordStdin) return { password: checkPassword(await readStdin()), shown: '' }
  const chosen = randomPassword()
  return { password: chosen, shown: `password ${chosen} (shown this once)` }
}

function checkPassword(chosen: string): string {
  const fault = faultOf(chosen)
  if (fault !== undefined) throw new ConfigurationError(`password: ${fault}`)
  return chosen
}
