/** An id of 16 bytes that was written in one of two ways. The same bytes written in the other way are another id. */
export interface Id {
  /** 0: 22 characters of base64url, as this library makes them; 1: a UUID in lower case. */
  form: 0 | 1
  /** The 16 bytes as four big-endian numbers. */
  readonly words: Uint32Array
}

/** There is one: a look-up makes nothing that has to be collected. */
const last: Id = { form: 0, words: new Uint32Array(4) }

const INVALID = 64
const SEXTETS = new Uint8Array(128).fill(INVALID)
for (const [value, letter] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
].entries()) {
  SEXTETS[letter.charCodeAt(0)] = value
}
const NIBBLES = new Uint8Array(128).fill(INVALID)
for (const [value, letter] of [...'0123456789abcdef'].entries()) NIBBLES[letter.charCodeAt(0)] = value

const DASH = '-'.charCodeAt(0)

/**
 * Reads a text that is exactly what {@link writeId} writes; undefined for any other.
 *
 * @returns good until the next call
 */
export function readId(text: string): Id | undefined {
  if (text.length === 22) return readBase64url(text)
  return text.length === 36 ? readUuid(text) : undefined
}

export function writeId({ form, words }: Id): string {
  const bytes = Buffer.alloc(16)
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, 4 * index)
  if (form === 0) return bytes.toString('base64url')
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function readBase64url(text: string): Id | undefined {
  const { words } = last
  let flaws = 0
  // 16 characters are three words; what is left over of one word begins the next.
  let rest = 0
  let restBits = 0
  let word = 0
  for (let index = 0; index < 21; index += 1) {
    const value = readAt(SEXTETS, text, index)
    flaws |= value
    if (restBits >= 26) {
      const over = restBits - 26
      words[word] = (rest << (32 - restBits)) | ((value & 63) >>> over)
      word += 1
      rest = value & ((1 << over) - 1)
      restBits = over
    } else {
      rest = (rest << 6) | (value & 63)
      restBits += 6
    }
  }
  const end = readAt(SEXTETS, text, 21)
  words[3] = (rest << 2) | ((end & 63) >>> 4)
  // The last character has four bits to spare; any other value of them is another spelling of the same bytes.
  if (((flaws | end) & INVALID) !== 0 || (end & 15) !== 0) return undefined
  last.form = 0
  return last
}

function readUuid(text: string): Id | undefined {
  const { words } = last
  let flaws = 0
  let word = 0
  let digits = 0
  for (let index = 0; index < 36; index += 1) {
    if (index === 8 || index === 13 || index === 18 || index === 23) {
      if (text.charCodeAt(index) !== DASH) return undefined
      continue
    }
    const value = readAt(NIBBLES, text, index)
    flaws |= value
    word = (word << 4) | (value & 15)
    digits += 1
    if ((digits & 7) === 0) words[(digits >>> 3) - 1] = word
  }
  if ((flaws & INVALID) !== 0) return undefined
  last.form = 1
  return last
}

function readAt(values: Uint8Array, text: string, index: number): number {
  const code = text.charCodeAt(index)
  return code < 128 ? (values[code] as number) : INVALID
}
