import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { blocklistCommand } from './cli/blocklist.ts'
import { keysCommand } from './cli/keys.ts'
import { printFailure } from './cli/printing.ts'
import { serveCommand } from './cli/serve.ts'
import { sessionCommand } from './cli/session.ts'
import { tokenCommand } from './cli/token.ts'
import { userCommand } from './cli/user.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program: Command = new Command('graphql-authx')
  .description('Logins that can be revoked, for GraphQL.')
  .version(version)
  .addCommand(serveCommand())
  .addCommand(userCommand())
  .addCommand(keysCommand())
  .addCommand(tokenCommand())
  .addCommand(sessionCommand())
  .addCommand(blocklistCommand())

try {
  await program.parseAsync()
} catch (error) {
  printFailure(error)
  process.exitCode = 1
}
