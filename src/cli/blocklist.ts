import { Command } from 'commander'
import { BATCH, lineOf, pagesAfter } from './blocklist/entries.ts'
import { revoke } from './blocklist/revoke.ts'
import { showStats } from './blocklist/stats.ts'
import { watch } from './blocklist/watch.ts'
import { withInstance } from './instance.ts'
import { print } from './printing.ts'

/** `graphql-authx blocklist` */
export function blocklistCommand(): Command {
  return new Command('blocklist')
    .description('Looks after the revocations in the database of AUTHX_DATABASE_URL.')
    .addCommand(
      new Command('list')
        .description('Shows every revocation in force, one JSON object a line, the oldest first.')
        .action(list),
    )
    .addCommand(
      new Command('stats')
        .description('Counts them, by what they revoke, as one JSON object.')
        .action(showStats),
    )
    .addCommand(
      new Command('watch')
        .description('Shows each as it is recorded, by whichever process, until it is interrupted.')
        .action(watch),
    )
    .addCommand(
      new Command('revoke')
        .description('Revokes a session, a token or all that a subject holds.')
        .option('--sid <id>', 'the session')
        .option('--jti <id>', 'one token alone')
        .option(
          '--sub <id>',
          "all sessions and other tokens of a subject, by its id, not a username; for a user of the server's: session revoke NAME --all",
        )
        .option(
          '--force',
          'also for a --sub that no session and no account has, and for an id that begins with --',
        )
        .option('--token-stdin', 'the session that a token belongs to; the token comes on standard input')
        .action(revoke),
    )
    .addCommand(
      new Command('purge')
        .description('Removes what has expired; the server does so every minute by itself.')
        .action(purge),
    )
}

async function list(): Promise<void> {
  await withInstance(async ({ store }) => {
    for await (const page of pagesAfter(store, 0)) for (const entry of page) print(lineOf(entry))
  })
}

async function purge(): Promise<void> {
  await withInstance(async ({ store }) => {
    let removed = 0
    for (let count = BATCH; count === BATCH; removed += count) count = await store.purge(BATCH)
    print(`Removed ${removed}.`)
  })
}
