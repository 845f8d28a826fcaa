/**
 * Every value of a header as it came, repeated ones one by one, from Node's `rawHeaders`.
 *
 * `headersDistinct` says the same, but reads all headers of a request for the first that is asked about.
 *
 * @param raw names and values in turn; undefined where there are none to be had
 * @param name in lower case
 */
export function rawValues(raw: readonly string[] | undefined, name: string): readonly string[] {
  if (raw === undefined) return NONE
  let values: string[] | undefined
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const found = raw[at] as string
    // Of most names the length tells.
    if (found.length !== name.length || found.toLowerCase() !== name) continue
    values ??= []
    values.push(raw[at + 1] as string)
  }
  return values ?? NONE
}

const NONE: readonly string[] = []
