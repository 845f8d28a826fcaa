/** What a text of PostgreSQL's cannot hold, and the sign that stands before what takes its place: NUL, and halves of surrogate pairs that are alone. */
const UNTOLD = /[\0\\]|\p{Surrogate}/gu
const TOLD = /\\(?:u([0-9a-f]{4})|\\)/g

/** A value as a parameter of a statement: any two texts stay two. */
export function toParameter(value: unknown): unknown {
  return typeof value === 'string'
    ? value.replace(UNTOLD, (one) =>
        one === '\\' ? '\\\\' : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
    : value
}

/** A row with its texts as they were given. */
export function fromRow(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'string' && value.includes('\\')
        ? value.replace(TOLD, (_, code?: string) =>
            code === undefined ? '\\' : String.fromCharCode(Number.parseInt(code, 16)),
          )
        : value,
    ]),
  )
}
