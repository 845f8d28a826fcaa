/** An id of 16 bytes that was written in one of two ways. The same bytes written in the other way are another id. */
export interface Id {
  /** 0: 22 characters of base64url, as this library makes them; 1: a UUID in lower case. */
  form: 0 | 1
  /** The 16 bytes as four big-endian numbers, signed: those are what the engine keeps without making an object of each. */
  readonly words: Int32Array
}

/** There is one: a look-up makes nothing that has to be collected. */
const last: Id = { form: 0, words: new Int32Array(4) }

const SEXTETS = valuesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const NIBBLES = valuesOf('0123456789abcdef')
const DASH = '-'.charCodeAt(0)

/** By code unit, all of them, so that none has to be compared with a bound; -1 for those that are no digit. */
function valuesOf(digits: string): Int8Array {
  const values = new Int8Array(1 << 16).fill(-1)
  for (const [value, digit] of [...digits].entries()) values[digit.charCodeAt(0)] = value
  return values
}

/**
 * Reads a text that is exactly what {@link writeId} writes; undefined for any other.
 *
 * @returns good until the next call
 */
export function readId(text: string): Id | undefined {
  if (text.length === 22) return readBase64url(text)
  return text.length === 36 ? readUuid(text) : undefined
}

/** The form that an id of this length has; undefined where there is none. */
export function formOf(text: string): Id['form'] | undefined {
  if (text.length === 22) return 0
  return text.length === 36 ? 1 : undefined
}

/** The last word of an id of that form, by its last characters alone; of anything else that is as long, any number. */
export function lastWordOf(text: string, form: Id['form']): number {
  return form === 0
    ? (fourSextets(text, 16) << 8) | (twoSextets(text, 20) >> 4)
    : (fourNibbles(text, 28) << 16) | fourNibbles(text, 32)
}

export function writeId({ form, words }: Id): string {
  const bytes = Buffer.alloc(16)
  for (const [index, word] of words.entries()) bytes.writeInt32BE(word, 4 * index)
  if (form === 0) return bytes.toString('base64url')
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function readBase64url(text: string): Id | undefined {
  const first = fourSextets(text, 0)
  const second = fourSextets(text, 4)
  const third = fourSextets(text, 8)
  const fourth = fourSextets(text, 12)
  const fifth = fourSextets(text, 16)
  const end = twoSextets(text, 20)
  // The last character has four bits to spare; any other value of them is another spelling of the same bytes.
  if ((first | second | third | fourth | fifth | end) < 0 || (end & 15) !== 0) return undefined
  const { words } = last
  words[0] = (first << 8) | (second >> 16)
  words[1] = (second << 16) | (third >> 8)
  words[2] = (third << 24) | fourth
  words[3] = (fifth << 8) | (end >> 4)
  last.form = 0
  return last
}

function readUuid(text: string): Id | undefined {
  if (
    text.charCodeAt(8) !== DASH ||
    text.charCodeAt(13) !== DASH ||
    text.charCodeAt(18) !== DASH ||
    text.charCodeAt(23) !== DASH
  )
    return undefined
  const first = fourNibbles(text, 0)
  const second = fourNibbles(text, 4)
  const third = fourNibbles(text, 9)
  const fourth = fourNibbles(text, 14)
  const fifth = fourNibbles(text, 19)
  const sixth = fourNibbles(text, 24)
  const seventh = fourNibbles(text, 28)
  const eighth = fourNibbles(text, 32)
  if ((first | second | third | fourth | fifth | sixth | seventh | eighth) < 0) return undefined
  const { words } = last
  words[0] = (first << 16) | second
  words[1] = (third << 16) | fourth
  words[2] = (fifth << 16) | sixth
  words[3] = (seventh << 16) | eighth
  last.form = 1
  return last
}

/** 24 bits; negative where one of the characters is no digit, as are the next two. */
function fourSextets(text: string, at: number): number {
  return (
    ((SEXTETS[text.charCodeAt(at)] as number) << 18) |
    ((SEXTETS[text.charCodeAt(at + 1)] as number) << 12) |
    twoSextets(text, at + 2)
  )
}

function twoSextets(text: string, at: number): number {
  return ((SEXTETS[text.charCodeAt(at)] as number) << 6) | (SEXTETS[text.charCodeAt(at + 1)] as number)
}

function fourNibbles(text: string, at: number): number {
  return (
    ((NIBBLES[text.charCodeAt(at)] as number) << 12) |
    ((NIBBLES[text.charCodeAt(at + 1)] as number) << 8) |
    ((NIBBLES[text.charCodeAt(at + 2)] as number) << 4) |
    (NIBBLES[text.charCodeAt(at + 3)] as number)
  )
}
