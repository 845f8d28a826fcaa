import type { RequestListener } from 'node:http'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { Store } from '../core/store.ts'
import { addAccount, randomPassword } from './accounts.ts'
import { type App, createApp } from './app.ts'
import { calledFrom } from './calling-address.ts'
import { configuredKeys } from './configured-keys.ts'
import { openDatabase, storeName } from './database.ts'
import { listen } from './listen.ts'
import { createLogger, type Pino } from './logging.ts'
import { checkOptions, type StartOptions } from './options.ts'
import { faultOf } from './passwords.ts'
import type { ServerSettings } from './settings.ts'
import { serveSockets } from './sockets.ts'
import { sourceAddress } from './source-address.ts'

export type { Account, AccountDirectory, AccountStore, PasswordReplacement } from '../core/account-store.ts'
export type { Allowance } from '../core/attempts.ts'
export type { AccountDesk } from './account-desk.ts'
export type { GrantScopes } from './accounts.ts'
export type { ServerContext } from './context.ts'
export { readEnvironment } from './environment.ts'
export type { Extend, ExtensionParts, SchemaExtension } from './extension.ts'
export type { Limit, TakenTry } from './limit.ts'
export type { StartOptions } from './options.ts'
export { hashPassword } from './passwords.ts'
export type { ServerSettings } from './settings.ts'

/** A server that is up. */
export interface RunningServer {
  /** Where it is reached, without a path; GraphQL is at `/graphql`. */
  readonly url: string
  /** Lets running operations finish, then closes the store. */
  stop(): Promise<void>
}

/**
 * Starts the server: key, store, accounts, GraphQL.
 *
 * @example
 * const server = await startServer(readEnvironment(), { grantScopes: ({ id }) => rolesOf(id) })
 *
 * @throws ConfigurationError naming the setting, the option, the file or the database that is wrong
 */
export async function startServer(
  settings: ServerSettings,
  options: StartOptions = {},
): Promise<RunningServer> {
  checkOptions(options)
  const { announce, ...own } = options
  const log = createLogger(settings)
  const keys = configuredKeys(settings, log)
  const { store, attempts } = await openDatabase(settings.databaseUrl)
  let draining = false
  let app: App
  try {
    app = await createApp({ ...own, settings, keys, store, attempts, log, isDraining: () => draining })
  } catch (error) {
    await attempts.close()
    throw error
  }
  const { authx, yoga, events, streams } = app
  try {
    // Nobody but a team adds to the team's own users.
    if (!settings.production && own.accounts === undefined) {
      await ensureDemoUser(store, settings, log, announce)
    }
    const handler: RequestListener = (request, response) =>
      calledFrom(sourceAddress(request, settings.trustedProxies), () => yoga(request, response))
    const listening = await listen(handler, settings.port, settings.host)
    const sockets = serveSockets(listening.server, app, settings, log)
    log.info(`store: ${storeName(settings.databaseUrl)}`)
    log.info(`GraphQL at ${listening.url}/graphql${settings.graphiql ? ', with GraphiQL in a browser' : ''}`)
    return {
      url: listening.url,
      async stop() {
        draining = true
        streams.cut()
        await Promise.all([listening.drain(settings.drainTimeout), sockets.drain(settings.drainTimeout)])
        events.close()
        await yoga.dispose()
        await attempts.close()
        await authx.close()
        log.info('stopped')
      },
    }
  } catch (error) {
    await attempts.close()
    await authx.close()
    throw error
  }
}

async function ensureDemoUser(
  store: Store,
  settings: ServerSettings,
  log: Pino,
  announce: StartOptions['announce'],
): Promise<void> {
  const { demoUser } = settings
  if ((await store.findByUsername(demoUser)) !== undefined) {
    log.info(
      `the user ${demoUser} is there, with the password it was made with; for another one: npx graphql-authx user password ${demoUser}`,
    )
    return
  }
  const password = settings.demoPassword ?? randomPassword()
  const fault = faultOf(password)
  if (fault !== undefined) throw new ConfigurationError(`AUTHX_DEMO_PASSWORD: ${fault}`)
  if (!(await addAccount(store, demoUser, password))) return
  const shown =
    settings.demoPassword === undefined
      ? `password ${password} (shown this once)`
      : 'with the password from AUTHX_DEMO_PASSWORD'
  announce?.(`\n  Log in as ${demoUser}, ${shown}\n`)
}
