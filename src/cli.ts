import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { printFailure } from './cli/printing.ts'
import { ConfigurationError } from './core/configuration-error.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** Most of what a command takes is loading what it needs. So only the one that is asked for is loaded; all of them for the help. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', async () => (await import('./cli/serve.ts')).serveCommand()],
  ['user', async () => (await import('./cli/user.ts')).userCommand()],
  ['keys', async () => (await import('./cli/keys.ts')).keysCommand()],
  ['token', async () => (await import('./cli/token.ts')).tokenCommand()],
  ['session', async () => (await import('./cli/session.ts')).sessionCommand()],
  ['blocklist', async () => (await import('./cli/blocklist.ts')).blocklistCommand()],
  ['database', async () => (await import('./cli/database.ts')).databaseCommand()],
  ['audit', async () => (await import('./cli/audit.ts')).auditCommand()],
  ['audit-server', async () => (await import('./cli/audit-server.ts')).auditServerCommand()],
])

const program: Command = new Command('graphql-authx')
  .description('Logins that can be revoked, for GraphQL.')
  .version(version)

const [, , named = ''] = process.argv
const asked = COMMANDS.get(named)
for (const load of asked === undefined ? COMMANDS.values() : [asked]) program.addCommand(await load())
hint(program)

/** For whoever wrote a command line that cannot be read. */
function hint(command: Command): void {
  command.configureOutput({ outputError: (text) => printFailure(new ConfigurationError(mended(text))) })
  for (const part of command.commands) hint(part)
}

/** One line as of every other failure: commander has a label of its own, and a second line for what may have been meant. */
function mended(text: string): string {
  const [, said = '', meant] = /^(?:error: )?(.*?)\.?(?:\n\(Did you mean ([^\n]*)\?\))?\n*$/s.exec(text) ?? []
  const mistake = meant === undefined ? `${said};` : `${said}; did you mean ${meant}?`
  const values = said.startsWith('unknown option') ? ', and -- comes before values that begin with a -' : ''
  return `${mistake} --help shows how it is used${values}`
}

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
