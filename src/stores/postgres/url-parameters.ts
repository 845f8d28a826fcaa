import { ConfigurationError } from '../../core/configuration-error.ts'
import { nearest } from '../../core/option-checks.ts'

const SWITCH = ['true', 'false']

/** What may stand behind the `?` of a URL, and its values where there are only so many. The driver passes over everything else, a misspelt wish for TLS too. */
const PARAMETERS: Readonly<Record<string, readonly string[] | undefined>> = {
  sslmode: ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'],
  ssl: ['true', '1', '0', 'no-verify'],
  sslrootcert: undefined,
  sslcert: undefined,
  sslkey: undefined,
  sslnegotiation: ['postgres', 'direct'],
  uselibpqcompat: SWITCH,
  host: undefined,
  port: undefined,
  user: undefined,
  password: undefined,
  application_name: undefined,
  options: undefined,
  pgbouncer: SWITCH,
}

/** Parameters of other drivers, or of time limits that would take ours back, and where to say it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  connect_timeout: 'the option connectTimeout, in milliseconds',
  statement_timeout: 'the option commandTimeout, in milliseconds',
  query_timeout: 'the option commandTimeout, in milliseconds',
  dbname: 'the path, as in postgres://host/database',
}

/**
 * Looks at what is behind the `?` of a URL, and says no value of it.
 *
 * @throws ConfigurationError naming the parameter, and those there are
 */
export function checkUrlParameters(name: string, { searchParams }: URL): void {
  const refuse = (problem: string): never => {
    throw new ConfigurationError(`${name}: ${problem}`)
  }
  const known = Object.keys(PARAMETERS)
  // What follows a password here may be its rest, cut off by a sign that is not escaped.
  const isNameable = !searchParams.has('password')
  for (const [parameter, value] of searchParams) {
    if (!Object.hasOwn(PARAMETERS, parameter)) {
      const called = isNameable ? `, ${parameter}` : ''
      refuse(
        `the URL has a parameter that there is not${called}; ${mendOf(parameter, known)}there are ${known.join(', ')}`,
      )
    }
    if (searchParams.getAll(parameter).length > 1) refuse(`the URL has ${parameter} more than once`)
    const values = PARAMETERS[parameter]
    if (value === '' || values?.includes(value) === false) {
      refuse(`${parameter} must ${values === undefined ? 'not be empty' : `be ${listed(values)}`} in the URL`)
    }
  }
  if (searchParams.has('ssl') && searchParams.has('sslmode')) {
    refuse('the URL has ssl and sslmode, of which one would be passed over; leave sslmode')
  }
}

function mendOf(parameter: string, known: readonly string[]): string {
  if (Object.hasOwn(ELSEWHERE, parameter)) return `use ${ELSEWHERE[parameter]}; `
  const meant = nearest(parameter, known)
  return meant === undefined ? '' : `did you mean ${meant}? `
}

function listed(values: readonly string[]): string {
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
}
