/** An error of a GraphQL result, as far as audits look at it. */
export interface ResultError {
  readonly message?: unknown
  readonly path?: unknown
  readonly extensions?: { readonly code?: unknown }
}

/** What a server answered. */
export interface Reading {
  readonly status: number
  /** By their names in lower case; several of one name in one text. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The data of each result in it, also of later parts. */
  readonly data: readonly unknown[]
  readonly errors: readonly ResultError[]
  /** Whether any of them was what only a login may have. */
  readonly isGranted: boolean
}

export function read(
  status: number,
  given: NodeJS.Dict<string | string[]>,
  text: string,
  granted: (data: unknown) => boolean,
): Reading {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) headers[name] = [value ?? []].flat().join(', ')
  const results = resultsIn(text)
  const data = results.flatMap(dataIn)
  const errors = errorsOf(results)
  return { status, headers, text, data, errors, isGranted: data.some((one) => isGranted(granted, one)) }
}

/** What the user says of data need not reckon with data that is not there. */
export function isGranted(granted: (data: unknown) => boolean, data: unknown): boolean {
  try {
    return granted(data)
  } catch {
    return false
  }
}

type Result = Readonly<Record<string, unknown>>

/** Whether a GraphQL result's data has anything but nulls and names of types. */
export function hasValue(data: unknown): boolean {
  if (data === null || data === undefined) return false
  if (typeof data !== 'object') return true
  return Object.entries(data).some(([name, value]) => name !== '__typename' && hasValue(value))
}

/** Results of a body of JSON, multipart/mixed or text/event-stream. */
export function resultsIn(text: string): readonly Result[] {
  const whole = parse(text)
  const found =
    whole === undefined ? text.split(/\r?\n/).map((line) => parse(line.replace(/^data: ?/, ''))) : [whole]
  return found.flat().filter((one): one is Result => typeof one === 'object' && one !== null)
}

/** All errors of results. */
export function errorsOf(results: readonly Result[]): readonly ResultError[] {
  return results.flatMap(({ errors }) => (Array.isArray(errors) ? errors : []))
}

/** The data of a result, and of all that came later to it. */
function dataIn({ data, incremental }: Result): readonly unknown[] {
  const later = Array.isArray(incremental) ? (incremental as Result[]) : []
  return [data, ...later.flatMap(({ data: one, items }) => [one, items])].filter((one) => one != null)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
