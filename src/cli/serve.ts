import { Command } from 'commander'
import { readEnvironment } from '../server/environment.ts'
import { SETTINGS } from '../server/settings.ts'
import { storeFailure } from './store-failure.ts'

/** `graphql-authx serve` */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Starts the server. It needs no configuration; everything is set by environment variables.')
    .addHelpText('after', settingsHelp)
    .action(serve)
}

async function serve(): Promise<void> {
  const settings = readEnvironment()
  // Loading it takes most of a start: not for the help, nor before the settings are known to be good.
  const { startServer } = await import('../server/index.ts')
  const starting = startServer(settings, { announce: (line) => console.log(line) }).catch(
    (error: unknown): never => {
      // Also where the store goes away while the server starts on it.
      throw storeFailure(error, settings.databaseUrl)
    },
  )
  let stopping = false
  const stop = (): void => {
    // The second signal is somebody who does not want to wait.
    if (stopping) process.exit(1)
    stopping = true
    const stopped = starting.then((server) => server.stop())
    stopped.then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  // Before it listens: who sees that it is up may end it at once.
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  await starting
}

function settingsHelp(): string {
  const width = Math.max(...SETTINGS.map(({ name }) => name.length))
  const lines = SETTINGS.map(
    ({ name, says, example }) => `  ${name.padEnd(width)}  ${says} (default: ${example})`,
  )
  return `\nEnvironment:\n${lines.join('\n')}\n`
}
