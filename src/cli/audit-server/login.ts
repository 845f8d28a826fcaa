import { getOperationAST, parse } from 'graphql'
import { ConfigurationError } from '../../core/configuration-error.ts'
import type { AuthAuditOptions } from '../../testing/auth-audits/options.ts'
import { readStdin } from '../stdin.ts'
import { type Answered, askAt, hasFailed, type Operation, textAt } from './endpoint.ts'
import { type AuditServerFlags, needed } from './flags.ts'

type Logins = Pick<AuthAuditOptions, 'login' | 'cookieLogin' | 'wrongType'>

/** How to log in, as the flags say. @throws ConfigurationError naming the flag */
export async function loginsOf(url: string, flags: AuditServerFlags): Promise<Logins> {
  const { tokenPath, wrongTypePath, cookies, csrfPath, csrfHeader = 'X-CSRF-TOKEN' } = flags
  const login = needed('--login', flags.login)
  const path = cookies === true ? tokenPath : needed('--token-path', tokenPath)
  const operation = await operationOf(login, flags)
  const logIn = (): Promise<Answered> => askAt(url, operation)
  return {
    ...(path === undefined ? {} : { login: async () => textAt(await logIn(), path, '--token-path') }),
    ...(wrongTypePath === undefined
      ? {}
      : { wrongType: async () => wrongTypeIn(await logIn(), wrongTypePath, path) }),
    ...(cookies !== true
      ? {}
      : {
          async cookieLogin() {
            const answered = await logIn()
            const { cookie, words } = answered
            if (cookie === '' && hasFailed(answered))
              throw new ConfigurationError(`--login: was answered with ${words}`)
            if (cookie === '') throw new ConfigurationError('--cookies: the answer to --login sets none')
            if (csrfPath === undefined) return { cookie }
            return { cookie, headers: { [csrfHeader]: textAt(answered, csrfPath, '--csrf-path') } }
          },
        }),
  }
}

function wrongTypeIn(answered: Answered, path: string, access: string | undefined): string {
  const token = textAt(answered, path, '--wrong-type-path')
  if (access === undefined || token !== textAt(answered, access, '--token-path')) return token
  throw new ConfigurationError('--wrong-type-path: is where the access token is')
}

async function operationOf(query: string, flags: AuditServerFlags): Promise<Operation> {
  const names = variablesOf(query)
  if (flags.variables !== undefined) return { query, variables: readVariables(flags.variables) }
  if (!names.includes('password')) return { query, variables: { username: flags.user } }
  const password = flags.passwordStdin === true ? await readStdin() : flags.password
  if (password === undefined) {
    throw new ConfigurationError(
      '--password: say it in AUTHX_DEMO_PASSWORD or by --password-stdin, or give the --variables of --login',
    )
  }
  return { query, variables: { username: flags.user, password } }
}

/** The names of a mutation's variables. */
function variablesOf(query: string): readonly string[] {
  try {
    const operation = getOperationAST(parse(query))
    if (operation?.operation !== 'mutation') throw new Error('must be one mutation')
    return (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value)
  } catch (error) {
    throw new ConfigurationError(`--login: ${(error as Error).message}`, { cause: error })
  }
}

function readVariables(json: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(json)
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return { ...read }
  } catch {
    // The message would show a password.
  }
  throw new ConfigurationError('--variables: must be a JSON object')
}
