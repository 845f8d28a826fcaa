/** A text as bytes: one for most characters of western languages, three for a code unit that does not fit. No two texts are the same bytes. */
export interface Text {
  readonly length: number
  /** At least `length` of them, and zeros up to the next whole word. */
  readonly bytes: Uint8Array
  readonly words: Uint32Array
}

/** Says that the next two bytes are one code unit, the high one first. */
const WIDE = 0xff

/** There is one: a look-up makes nothing that has to be collected. */
let last = room(1024)

function room(bytes: number): Pick<Text, 'bytes' | 'words'> {
  const words = new Uint32Array(Math.ceil(bytes / 4))
  return { words, bytes: new Uint8Array(words.buffer) }
}

/** @returns good until the next call */
export function readText(text: string): Text {
  if (last.bytes.length < text.length * 3 + 4) last = room(text.length * 3 + 4)
  const { bytes, words } = last
  let length = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code < WIDE) {
      bytes[length] = code
      length += 1
    } else {
      bytes[length] = WIDE
      bytes[length + 1] = code >>> 8
      bytes[length + 2] = code
      length += 3
    }
  }
  for (let end = length; (end & 3) !== 0; end += 1) bytes[end] = 0
  return { length, bytes, words }
}

export function writeText(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index += 1) {
    const code = bytes[index] as number
    if (code === WIDE) {
      text += String.fromCharCode(((bytes[index + 1] as number) << 8) | (bytes[index + 2] as number))
      index += 2
    } else {
      text += String.fromCharCode(code)
    }
  }
  return text
}
