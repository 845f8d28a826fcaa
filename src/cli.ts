import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { auditCommand } from './cli/audit.ts'
import { auditServerCommand } from './cli/audit-server.ts'
import { printFailure } from './cli/printing.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program: Command = new Command('graphql-authx')
  .description('Logins that can be revoked, for GraphQL.')
  .version(version)

// Loading a server takes longer than most audits.
if (!/^audit(-server)?$/.test(process.argv[2] ?? '')) {
  const { operationCommands } = await import('./cli/operation.ts')
  for (const command of operationCommands()) program.addCommand(command)
}
program.addCommand(auditCommand())
program.addCommand(auditServerCommand())

// Whoever reads only the beginning, such as head, wants no more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  await program.parseAsync()
} catch (error) {
  printFailure(error)
  process.exitCode ??= 1
}
