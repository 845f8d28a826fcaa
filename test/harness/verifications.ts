import jwt from 'jsonwebtoken'
import { vi } from 'vitest'

/** How often some work asks jsonwebtoken, and with it any cryptography. */
export function verifications(work: () => unknown): number {
  const verify = vi.spyOn(jwt, 'verify')
  work()
  const { length } = verify.mock.calls
  verify.mockRestore()
  return length
}
