/** Those that ask for every column would fail on connections from before a newer version added one; the rest is not planned at all. */
const PLANNED = /^(?:select(?! \*)|insert|update|delete)\b/

/** The store's statements are a few dozen texts. */
const MOST = 200
const names = new Map<string, string>()

/** The name under which a connection keeps a statement's plan, which costs more than running it; undefined where none is kept. */
export function statementName(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || !PLANNED.test(text) || names.size === MOST) return known
  const name = `authx_${names.size + 1}`
  names.set(text, name)
  return name
}
