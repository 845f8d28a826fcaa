import { Command } from 'commander'
import { utc } from '../server/utc.ts'
import { withInstance } from './instance.ts'
import { print } from './printing.ts'

/** How many entries are read or removed at once, so that the server gets its turn in between. */
const BATCH = 1000

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
      new Command('purge')
        .description('Removes what has expired; the server does so every minute by itself.')
        .action(purge),
    )
}

async function list(): Promise<void> {
  await withInstance(async ({ store }) => {
    for (let position = 0; ; ) {
      const { entries } = await store.readSince(position, BATCH)
      for (const { kind, issuer, key, epoch, expiresAt } of entries) {
        const until = utc(expiresAt)
        print(
          JSON.stringify({
            kind,
            ...(issuer === '' ? {} : { issuer }),
            key,
            ...(kind === 'subject' ? { epoch } : {}),
            until,
          }),
        )
      }
      const last = entries.at(-1)
      if (last === undefined) return
      position = last.position
    }
  })
}

async function purge(): Promise<void> {
  await withInstance(async ({ store }) => {
    let removed = 0
    for (let count = BATCH; count === BATCH; removed += count) count = await store.purge(BATCH)
    print(`Removed ${removed}.`)
  })
}
