import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { ConfigurationError } from '../core/configuration-error.ts'
import { authAudits } from '../testing/auth-audits/auth-audits.ts'
import type { AuthAuditOptions } from '../testing/auth-audits/options.ts'
import { authAuditReport, runAuthAudits } from '../testing/auth-audits/run.ts'
import { askAt, type Operation, textAt } from './audit-server/login.ts'
import { print } from './printing.ts'
import { readStdin } from './stdin.ts'

interface AuditServerOptions {
  readonly query?: string
  readonly login?: string
  readonly variables?: string
  readonly user: string
  readonly password?: string
  readonly passwordStdin?: true
  readonly tokenPath?: string
  readonly wrongTypePath?: string
  readonly logout?: string
  readonly mutation?: string
  readonly forbidden?: string
  readonly partial?: string
  readonly subscription?: string
  readonly wsUrl?: string
  readonly sse?: boolean
  readonly expired?: string
  readonly publicKey?: string
  readonly within?: string
  readonly json?: true
}

/** `graphql-authx audit-server` */
export function auditServerCommand(): Command {
  return new Command('audit-server')
    .description(
      'Asks a running server what logins must do: which tokens it takes, and whether a logout is the end. It logs in, out, and runs the mutation. Without --query and --login it asks what the server of graphql-authx has.',
    )
    .argument('<url>', 'the GraphQL endpoint')
    .option('--query <document>', 'a query whose fields need a login')
    .option('--login <document>', 'the mutation that logs in')
    .option('--variables <json>', 'its variables (default: username and password)')
    .addOption(new Option('--user <name>', 'who logs in').env('AUTHX_DEMO_USER').default('demo'))
    .addOption(new Option('--password <password>', 'with which password').env('AUTHX_DEMO_PASSWORD'))
    .option('--password-stdin', 'read the password from standard input')
    .option('--token-path <path>', 'where the access token is in its answer, such as data.login.accessToken')
    .option('--wrong-type-path <path>', 'where a token of another type is in it')
    .option('--logout <document>', 'the mutation that logs out')
    .option('--mutation <document>', 'a mutation that needs a login and may be run any number of times')
    .option('--forbidden <document>', 'what the user has no right to')
    .option('--partial <document>', 'a query of an open field beside a guarded one that may be null')
    .option('--subscription <document>', 'a subscription that needs a login')
    .option('--ws-url <url>', 'where the server speaks graphql-transport-ws')
    .option('--sse', 'subscriptions come as server-sent events')
    .addOption(new Option('--expired <token>', 'an access token that has expired').env('AUTHX_EXPIRED_TOKEN'))
    .option('--public-key <file>', 'the public key that tokens are verified with, as PEM')
    .option('--within <milliseconds>', 'in which a logout has to have reached everything')
    .option('--json', 'print results as JSON, one a line')
    .addHelpText('after', EXITS)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(auditServer)
}

const EXITS = `
Exit codes: 0 where no MUST is broken; 1 where one is; 2 where nothing can be asked: the command line is wrong, or nobody can log in.
`

/** What the server of graphql-authx has. */
const OWN: Partial<AuditServerOptions> = {
  query: '{ profile }',
  login:
    'mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { accessToken refreshToken } }',
  tokenPath: 'data.login.accessToken',
  wrongTypePath: 'data.login.refreshToken',
  logout: 'mutation { logout }',
  mutation: 'mutation { revokeSession(id: "none") }',
  subscription: 'subscription { sessionEvents { kind } }',
  sse: true,
}

async function auditServer(url: string, given: AuditServerOptions): Promise<void> {
  // Also for what is not foreseen: only a broken MUST is a 1.
  process.exitCode = 2
  const isOwn = given.query === undefined && given.login === undefined
  const options = isOwn ? { ...OWN, wsUrl: url.replace(/^http/, 'ws'), ...given } : given
  const asking = await asked(url, options)
  const audits = authAudits(asking)
  // Nothing else can be asked where this cannot.
  await asking.login()
  const results = await runAuthAudits(audits, (result) => {
    if (options.json === true) print(JSON.stringify(result))
  })
  if (options.json !== true) for (const line of authAuditReport(results).split('\n')) print(line)
  process.exitCode = results.some(({ status }) => status === 'error') ? 1 : 0
}

/** @throws ConfigurationError naming what is missing */
async function asked(url: string, options: AuditServerOptions): Promise<AuthAuditOptions> {
  const { logout, wrongTypePath, expired, mutation, forbidden, partial, subscription, wsUrl, sse } = options
  const tokenPath = needed('--token-path', options.tokenPath)
  const operation = await loginOf(options)
  const login = (path: string) => async (): Promise<string> => textAt(await askAt(url, operation), path)
  return {
    url,
    query: needed('--query', options.query),
    login: login(tokenPath),
    ...(logout === undefined ? {} : { logout: (token) => askAt(url, { query: logout }, token) }),
    ...(wrongTypePath === undefined ? {} : { wrongType: login(wrongTypePath) }),
    ...(options.publicKey === undefined ? {} : { publicKey: readKey(options.publicKey) }),
    ...(options.within === undefined ? {} : { within: Number(options.within) }),
    ...present({ expired, mutation, forbidden, partial, subscription, wsUrl, sse }),
  }
}

async function loginOf(options: AuditServerOptions): Promise<Operation> {
  const query = needed('--login', options.login)
  if (options.variables !== undefined) return { query, variables: readVariables(options.variables) }
  const password = options.passwordStdin === true ? await readStdin() : options.password
  if (password === undefined) {
    throw new ConfigurationError(
      '--password: say it in AUTHX_DEMO_PASSWORD or by --password-stdin, or give the --variables of --login',
    )
  }
  return { query, variables: { username: options.user, password } }
}

function needed(option: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw new ConfigurationError(`${option}: is needed beside --query or --login`)
}

function readVariables(json: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new ConfigurationError('--variables: must be JSON', { cause: error })
  }
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigurationError(`--public-key: ${file} cannot be read`, { cause: error })
  }
}

/** The members that are not undefined. */
function present<Members extends object>(
  members: Members,
): { [Name in keyof Members]?: NonNullable<Members[Name]> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Members]?: NonNullable<Members[Name]>
  }
}
