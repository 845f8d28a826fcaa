import { ConfigurationError } from './configuration-error.ts'

/** Refuses a name that is not known, so that a misspelt option is not the default in silence. */
export function checkNames(path: string, value: object, known: object): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigurationError(
      `${path === '' ? 'options' : path}: must be an object of ${Object.keys(known).join(', ')}`,
    )
  }
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(known, name)) continue
    const option = path === '' ? name : `${path}.${name}`
    throw new ConfigurationError(`${option}: no such option; there are ${Object.keys(known).join(', ')}`)
  }
}

/** The known name that was probably meant: one or two letters from what was written, or none. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const near = known.map((one) => ({ one, distance: distanceOf(name.toLowerCase(), one.toLowerCase()) }))
  const [best] = near.toSorted((left, right) => left.distance - right.distance)
  return best !== undefined && best.distance <= 2 && best.distance < best.one.length / 2
    ? best.one
    : undefined
}

/** How many letters have to be added, removed or changed (Levenshtein). */
function distanceOf(one: string, other: string): number {
  // Nothing that long is near, and the work is the product of both.
  if (Math.abs(one.length - other.length) > 2) return Number.POSITIVE_INFINITY
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (const [column, wanted] of [...other].entries()) {
      const replaced = (row[column] ?? 0) + (letter === wanted ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}

/** One of the values there are; the first where it is left out. */
export function oneOf<Value extends string>(
  name: string,
  value: Value | undefined,
  allowed: readonly Value[],
): Value {
  const chosen = value === undefined ? allowed[0] : value
  if (chosen !== undefined && allowed.includes(chosen)) return chosen
  throw new ConfigurationError(`${name}: must be one of ${allowed.join(', ')}`)
}

/** Origins as browsers write them (RFC 6454 section 6.2). */
export function readOrigins(name: string, list: readonly string[]): readonly string[] {
  const isOrigin = (one: unknown) =>
    typeof one === 'string' && URL.canParse(one) && new URL(one).origin === one
  if (Array.isArray(list) && list.every(isOrigin)) return list
  throw new ConfigurationError(
    `${name}: each must be an origin such as https://app.example.com, without a path`,
  )
}

export function callable<Value>(name: string, value: Value): Value {
  if (typeof value !== 'function') throw new ConfigurationError(`${name}: must be a function`)
  return value
}

export function text(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new ConfigurationError(
      `${name}: must be a text that is not empty (is the environment variable set?)`,
    )
  }
  return value
}

/** A whole number of something that its name tells. */
export function whole(name: string, value: unknown, least: number, most?: number): number {
  return wholeOf('', name, value, least, most)
}

/** A time in seconds. */
export function seconds(name: string, value: unknown, least: number, most?: number): number {
  return wholeOf(' of seconds', name, value, least, most)
}

/** A time in milliseconds. */
export function milliseconds(name: string, value: unknown, least: number, most?: number): number {
  return wholeOf(' of milliseconds', name, value, least, most)
}

function wholeOf(
  unit: string,
  name: string,
  value: unknown,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`
  throw new ConfigurationError(`${name}: must be a whole number${unit}, ${range}`)
}
