import { isUtf8 } from 'node:buffer'

/** The deepest nesting that a token's header or payload may have. */
const DEEPEST = 16

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a]
const [BRACE, END_BRACE, BRACKET, END_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d]

/**
 * Reads bytes as one JSON object, or gives undefined: valid UTF-8, no name twice at any depth, no `__proto__`, at most 16 levels.
 *
 * `JSON.parse` lets the last of two equal names win, so two readers of one token can disagree about what it says
 * (RFC 7519 section 4, RFC 8725 section 3.7).
 */
export function parseStrictObject(bytes: Buffer): Record<string, unknown> | undefined {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
  return strictObject(value, bytes)
}

/** The checks of {@link parseStrictObject} for a value that `JSON.parse` has made of these bytes already. */
export function strictObject(value: unknown, bytes: Uint8Array): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { names, depth, isAscii } = shapeOf(bytes)
  if (!isAscii && !isUtf8(bytes)) return undefined
  return depth <= DEEPEST && names === countMembers(value, depth)
    ? (value as Record<string, unknown>)
    : undefined
}

/**
 * How many names stand in what was parsed as JSON, how deep it is nested, and whether all of it is ASCII, as of most tokens. What is no UTF-8 may be counted wrong, and is
 * refused for that; in UTF-8 no part of another character is one of these.
 */
function shapeOf(json: Uint8Array): { names: number; depth: number; isAscii: boolean } {
  let names = 0
  let bits = 0
  let inString = false
  let level = 0
  let depth = 0
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number
    bits |= byte
    if (byte === QUOTE) inString = !inString
    else if (inString) {
      if (byte !== BACKSLASH) continue
      at += 1
      bits |= json[at] ?? 0
    } else if (byte === COLON) names += 1
    else if (byte === BRACE || byte === BRACKET) {
      level += 1
      if (level > depth) depth = level
    } else if (byte === END_BRACE || byte === END_BRACKET) level -= 1
  }
  return { names, depth, isAscii: bits < 0x80 }
}

/** How many members the objects of a value have: fewer than there were names, where one came twice. Not a number where one is `__proto__`. */
function countMembers(value: unknown, levels: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Object.hasOwn(value, '__proto__')) return Number.NaN
  let members = Array.isArray(value) ? 0 : Object.keys(value).length
  if (levels > 1) for (const member of Object.values(value)) members += countMembers(member, levels - 1)
  return members
}
