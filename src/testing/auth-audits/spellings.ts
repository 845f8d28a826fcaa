const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** The order of the P-256 group (SEC 2, section 2.4.2). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** Every other last character of a segment that a lenient decoder reads as the same bytes: 15, 3 or none, by its length. */
export function trailingBitVariants(segment: string): readonly string[] {
  const unused = [0, 0, 4, 2][segment.length % 4] ?? 0
  const last = ALPHABET.indexOf(segment.at(-1) ?? '')
  return Array.from(
    { length: (1 << unused) - 1 },
    (_, bits) => segment.slice(0, -1) + (ALPHABET[(last & ~((1 << unused) - 1)) | (bits + 1)] ?? ''),
  )
}

/** Other texts that a lenient verifier reads as the same token. The ES256 twin is none of them: it is canonical. */
export function spellings(token: string): readonly string[] {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const signed = `${header}.${payload}`
  const standard = token.replaceAll('-', '+').replaceAll('_', '/')
  return [
    ...trailingBitVariants(signature).map((variant) => `${signed}.${variant}`),
    ...trailingBitVariants(payload).map((variant) => `${header}.${variant}.${signature}`),
    ...trailingBitVariants(header).map((variant) => `${variant}.${payload}.${signature}`),
    ...['=', '==', '.', '~', '\0', '%3D'].map((tail) => token + tail),
    `${header}=.${payload}.${signature}`,
    `${header}.${payload}==.${signature}`,
    ...[' ', '\t', '\n', '\r\n', '\u00a0', '\ufeff'].flatMap((space) => [
      `${space}${token}`,
      `${token}${space}`,
      `${header}${space}.${payload}.${signature}`,
      `${header}.${space}${payload}.${signature}`,
      `${signed}.${signature.slice(0, 5)}${space}${signature.slice(5)}`,
    ]),
    ...(standard === token ? [] : [standard]),
  ]
}

/** The other signature that an ES256 key accepts for the same text: (r, n - s). */
export function es256Twin(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  const other = (P256_ORDER - s).toString(16).padStart(64, '0')
  const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(other, 'hex')])
  return `${header}.${payload}.${twin.toString('base64url')}`
}
