import { Command } from 'commander'
import { print } from './printing.ts'

/** `graphql-authx database` */
export function databaseCommand(): Command {
  return new Command('database')
    .description('For teams that run the migrations of their databases themselves.')
    .addCommand(
      new Command('schema')
        .description("Prints the SQL that makes PostgreSQL's tables; it needs no database.")
        .option('--after <name>', 'only what came after this migration, such as 002-logins')
        .action(showSchema),
    )
}

async function showSchema(options: { after?: string }): Promise<void> {
  const { postgresSchema } = await import('../stores/postgres.ts')
  for (const line of (await postgresSchema(options)).trimEnd().split('\n')) print(line)
}
