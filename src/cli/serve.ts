import { Command } from 'commander'
import { readEnvironment, startServer } from '../server/index.ts'
import { SETTINGS } from '../server/settings.ts'

/** `graphql-authx serve` */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Starts the server. It needs no configuration; everything is set by environment variables.')
    .addHelpText('after', settingsHelp)
    .action(serve)
}

async function serve(): Promise<void> {
  const server = await startServer(readEnvironment(), { announce: (line) => console.log(line) })
  let stopping = false
  const stop = (): void => {
    // The second signal is somebody who does not want to wait.
    if (stopping) process.exit(1)
    stopping = true
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function settingsHelp(): string {
  const width = Math.max(...SETTINGS.map(({ name }) => name.length))
  const lines = SETTINGS.map(
    ({ name, says, example }) => `  ${name.padEnd(width)}  ${says} (default: ${example})`,
  )
  return `\nEnvironment:\n${lines.join('\n')}\n`
}
