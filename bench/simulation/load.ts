import { createHash } from 'node:crypto'

export const ISSUER = ''

/** An id of 16 bytes, as this library makes them, that every process can make again. */
export function sidOf(name: string): string {
  return createHash('md5').update(name).digest('base64url')
}
