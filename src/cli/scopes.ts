import { Command } from 'commander'
import { ConfigurationError } from '../core/configuration-error.ts'
import { isScope, satisfies } from '../core/scopes.ts'
import { onAccount } from './accounts.ts'
import { endAllAround } from './endings.ts'
import { print } from './printing.ts'

/** `graphql-authx user scopes` */
export function scopesCommand(): Command {
  return new Command('scopes')
    .description('Shows what a user may do, or sets it; a user who loses any of it is logged out everywhere.')
    .argument('<username>', 'who')
    .argument(
      '[scopes...]',
      'all that the user may do from now on, such as posts:read; without any they are shown',
    )
    .option('--none', 'nothing from now on')
    .action(scopes)
}

async function scopes(
  username: string,
  named: readonly string[],
  { none = false }: { none?: boolean },
): Promise<void> {
  if (none && named.length > 0) throw new ConfigurationError('user scopes: name scopes or --none, not both')
  const wrong = named.find((scope) => !isScope(scope))
  if (wrong !== undefined) {
    throw new ConfigurationError(
      `scopes: ${JSON.stringify(wrong)} is none; one is a text without spaces, quotes and backslashes (RFC 6749 section 3.3)`,
    )
  }
  await onAccount(username, async (account, store) => {
    if (named.length === 0 && !none) {
      print(`${account.username}: ${shown(account.scopes)}`)
      return
    }
    const next = [...new Set(named)]
    const lost = account.scopes.filter((had) => !next.some((held) => satisfies(held, had)))
    const change = () => store.changeAccount(account.id, { scopes: next })
    if (lost.length === 0) {
      await change()
      print(`${account.username}: ${shown(next)}. New scopes come with the next login.`)
      return
    }
    // Refreshing would shrink them only with the next pair; until then the access token says what it said.
    const ended = await endAllAround(store, account.id, change)
    print(`${account.username}: ${shown(next)}. Took ${shown(lost)} away and ended all sessions (${ended}).`)
  })
}

function shown(scopes: readonly string[]): string {
  return scopes.length === 0 ? 'no scopes' : scopes.join(' ')
}
