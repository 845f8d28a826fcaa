import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { ConfigurationError } from '../core/configuration-error.ts'
import { preparedAudits } from '../testing/auth-audits/auth-audits.ts'
import type { AuthAuditOptions } from '../testing/auth-audits/options.ts'
import { authAuditReport, runAuthAudits } from '../testing/auth-audits/run.ts'
import { askAt, hasFailed } from './audit-server/endpoint.ts'
import { type AuditServerFlags, flagOf, needed } from './audit-server/flags.ts'
import { loginsOf } from './audit-server/login.ts'
import { print } from './printing.ts'

/** `graphql-authx audit-server` */
export function auditServerCommand(): Command {
  return new Command('audit-server')
    .description(
      'Asks a running server what logins must do: which tokens it takes, and whether a logout is the end. It logs in, out, and runs the mutation. Without --query and --login it asks what the server of graphql-authx has.',
    )
    .argument('<url>', 'the GraphQL endpoint')
    .option('--query <document>', 'a query whose fields need a login')
    .option('--login <document>', 'the mutation that logs in')
    .option('--variables <json>', 'its variables (default: username and password, where it has a $password)')
    .addOption(new Option('--user <name>', 'who logs in').env('AUTHX_DEMO_USER').default('demo'))
    .addOption(new Option('--password <password>', 'with which password').env('AUTHX_DEMO_PASSWORD'))
    .option('--password-stdin', 'read the password from standard input')
    .option('--token-path <path>', 'where the access token is in its answer, such as data.login.accessToken')
    .option(
      '--wrong-type-path <path>',
      'where a good token of another type is in it, such as a refresh token',
    )
    .option('--cookies', 'tokens travel in the cookies that the answer to the login sets')
    .option('--csrf-path <path>', 'where the answer has what pages of the app send back beside the cookies')
    .option('--csrf-header <name>', 'in which header they send it (default: X-CSRF-TOKEN)')
    .option('--logout <document>', 'the mutation that logs out')
    .option(
      '--mutation <document>',
      'a mutation that needs a login, answers with something, and may be run any number of times',
    )
    .option('--forbidden <document>', 'what the user has no right to')
    .option('--partial <document>', 'a query of an open field beside a guarded one that may be null')
    .option('--subscription <document>', 'a subscription that needs a login')
    .option('--ws-url <url>', 'where the server speaks graphql-transport-ws')
    .option('--sse', 'subscriptions come as server-sent events')
    .addOption(new Option('--expired <token>', 'an access token that has expired').env('AUTHX_EXPIRED_TOKEN'))
    .option('--public-key <file>', 'the public key that tokens are verified with, as PEM')
    .option('--within <milliseconds>', 'in which a logout has to have reached everything (default: 2000)')
    .option('--json', 'print results as JSON, one a line')
    .addHelpText('after', EXITS)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(auditServer)
}

const EXITS = `
Exit codes: 0 where no MUST is broken; 1 where one is; 2 where nothing can be asked: the command line is wrong, or nobody can log in.
`

/** What the server of graphql-authx has. */
const OWN: Partial<AuditServerFlags> = {
  query: '{ profile }',
  login:
    'mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { accessToken refreshToken csrfToken } }',
  tokenPath: 'data.login.accessToken',
  wrongTypePath: 'data.login.refreshToken',
  logout: 'mutation { logout }',
  mutation: 'mutation { revokeSession(id: "none") }',
  subscription: 'subscription { sessionEvents { kind } }',
  sse: true,
}

async function auditServer(url: string, given: AuditServerFlags): Promise<void> {
  // Also for what is not foreseen: only a broken MUST is a 1.
  process.exitCode = 2
  const isOwn = given.query === undefined && given.login === undefined
  const flags = isOwn ? { ...ownOf(url, given), ...given } : given
  const { audits, prepare } = preparedAudits(await asked(url, flags), flagOf)
  await prepare()
  const results = await runAuthAudits(audits, (result) => {
    if (flags.json === true) print(JSON.stringify(result))
  })
  if (flags.json !== true) for (const line of authAuditReport(results).split('\n')) print(line)
  process.exitCode = results.some(({ status }) => status === 'error') ? 1 : 0
}

function ownOf(url: string, { cookies }: AuditServerFlags): Partial<AuditServerFlags> {
  const own = { ...OWN, wsUrl: url.replace(/^http/, 'ws') }
  if (cookies !== true) return own
  // Where tokens travel in cookies the answer has none.
  const { tokenPath: _, wrongTypePath: __, ...rest } = own
  return { ...rest, csrfPath: 'data.login.csrfToken' }
}

/** @throws ConfigurationError naming what is missing */
async function asked(url: string, flags: AuditServerFlags): Promise<AuthAuditOptions> {
  const { logout, expired, mutation, forbidden, partial, subscription, wsUrl, sse } = flags
  return {
    url,
    query: needed('--query', flags.query),
    ...(await loginsOf(url, flags)),
    ...(logout === undefined ? {} : { logout: (token) => logOut(url, logout, token) }),
    ...(flags.publicKey === undefined ? {} : { publicKey: readKey(flags.publicKey) }),
    ...(flags.within === undefined ? {} : { within: Number(flags.within) }),
    ...present({ expired, mutation, forbidden, partial, subscription, wsUrl, sse }),
  }
}

/** @throws ConfigurationError where nobody was logged out */
async function logOut(url: string, query: string, token: string): Promise<void> {
  const answered = await askAt(url, { query }, token)
  if (hasFailed(answered)) throw new ConfigurationError(`--logout: was answered with ${answered.words}`)
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
