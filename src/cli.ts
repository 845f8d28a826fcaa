import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { auditCommand } from './cli/audit.ts'
import { ConfigurationError } from './core/configuration-error.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program: Command = new Command('graphql-authx')
  .description('Logins that can be revoked, for GraphQL.')
  .version(version)

// Loading a server takes longer than most audits.
if (process.argv[2] !== 'audit') {
  const { operationCommands } = await import('./cli/operation.ts')
  for (const command of operationCommands()) program.addCommand(command)
}
program.addCommand(auditCommand())

try {
  await program.parseAsync()
} catch (error) {
  // What an operator can mend is one line; anything else is ours, and its stack is wanted.
  console.error(error instanceof ConfigurationError ? `graphql-authx: ${error.message}` : error)
  process.exitCode ??= 1
}
