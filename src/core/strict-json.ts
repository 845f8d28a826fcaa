/** The deepest nesting that a token's header or payload may have. */
const DEEPEST = 16

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads bytes as one JSON object, or gives undefined: valid UTF-8, no name twice at any depth, no `__proto__`, at most 16 levels.
 *
 * `JSON.parse` lets the last of two equal names win, so two readers of one token can disagree about what it says
 * (RFC 7519 section 4, RFC 8725 section 3.7).
 */
export function parseStrictObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  let value: unknown
  let text: string
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return hasUniqueNames(text) ? (value as Record<string, unknown>) : undefined
}

/** Walks a text that is known to be valid JSON. */
function hasUniqueNames(json: string): boolean {
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < json.length; at++) {
    const character = json[at]
    if (character === '{' || character === '[') {
      if (open.push(character === '{' ? new Set() : undefined) > DEEPEST) return false
    } else if (character === '}' || character === ']') {
      open.pop()
    } else if (character === '"') {
      const end = endOfString(json, at)
      if (isName(json, end)) {
        const name = JSON.parse(json.slice(at, end)) as string
        const names = open.at(-1)
        if (name === '__proto__' || names === undefined || names.has(name)) return false
        names.add(name)
      }
      at = end - 1
    }
  }
  return true
}

function endOfString(json: string, start: number): number {
  let at = start + 1
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at + 1
}

function isName(json: string, end: number): boolean {
  let at = end
  while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') at++
  return json[at] === ':'
}
