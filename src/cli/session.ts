import { Command } from 'commander'
import { isName } from '../core/claims.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import { utc } from '../server/utc.ts'
import { endAll } from './endings.ts'
import { accountNamed, withInstance } from './instance.ts'
import { print } from './printing.ts'

/** `graphql-authx session` */
export function sessionCommand(): Command {
  return new Command('session')
    .description('Shows and ends the sessions of a user, in the database of AUTHX_DATABASE_URL.')
    .addCommand(
      new Command('list')
        .description(
          "Shows a user's live sessions, one JSON object a line, the one that was used last first.",
        )
        .argument('<username>', 'what the user logs in with')
        .action(list),
    )
    .addCommand(
      new Command('revoke')
        .description('Ends one session of a user, or with --all everything that the user holds.')
        .argument('<username>', 'what the user logs in with')
        .argument('[id]', 'the id of the session, as `session list` shows it')
        .option('--all', 'end all of them, and every other token of the user')
        .action(revoke),
    )
}

async function list(username: string): Promise<void> {
  await withInstance(async ({ authx, store }) => {
    const { id } = await accountNamed(store, username)
    for (const session of await authx.sessions.list(id)) {
      const { sid, device, address, createdAt, lastUsedAt, expiresAt } = session
      const times = { created: utc(createdAt), lastUsed: utc(lastUsedAt), expires: utc(expiresAt) }
      print(JSON.stringify({ id: sid, device, address, ...times }))
    }
  })
}

async function revoke(
  username: string,
  sid: string | undefined,
  { all = false }: { all?: boolean },
): Promise<void> {
  if (all === (sid !== undefined)) {
    throw new ConfigurationError('session revoke: give the user and one id, or the user and --all, not both')
  }
  await withInstance(async ({ authx, store }) => {
    const { id } = await accountNamed(store, username)
    if (sid === undefined) {
      print(`Ended ${await endAll(store, id)}.`)
      return
    }
    if (!isName(sid) || !(await authx.sessions.revoke({ sub: id, sid }))) {
      throw new ConfigurationError(
        `id: the user has no live session ${JSON.stringify(sid)}; session list NAME shows them`,
      )
    }
    print('Ended 1.')
  })
}
