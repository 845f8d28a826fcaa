import { randomUUID } from 'node:crypto'
import { createAuthX } from 'graphql-authx'
import { OPTIONS, SECRET, USER } from '../../fixture.ts'

/** Ten times as many as any cache here keeps, so that one which comes round again is new again. */
export const NEW = 100_000

const authx = createAuthX(OPTIONS)

/** Tokens of sessions of their own. */
export function tokens(count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, () => authx.createAccessToken({ sub: USER.id, sid: randomUUID() })),
  )
}

/** Good ones, but for their signatures, which another secret made. */
export async function forged(count: number): Promise<string[]> {
  const forger = createAuthX({ ...OPTIONS, secret: `${SECRET}, but another` })
  const token = await forger.createAccessToken({ sub: USER.id })
  const signature = token.slice(token.lastIndexOf('.'))
  return (await tokens(count)).map((good) => good.slice(0, good.lastIndexOf('.')) + signature)
}

/** What is no token, in the ways in which that is found out soonest and last. */
export function garbage(count: number): string[] {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = part({ sub: USER.id, iss: 'x'.repeat(200), exp: 9_999_999_999 })
  const kinds = [
    () => randomUUID(),
    () => `${randomUUID()}.${randomUUID()}.${randomUUID()}`,
    () => `${part({ alg: 'none', typ: 'at+jwt', kid: randomUUID() })}.${claims}.`,
    () => `${part({ alg: 'HS256', typ: 'at+jwt', kid: randomUUID() })}.${claims}.${randomUUID()}`,
  ]
  return Array.from({ length: count }, (_, at) => kinds[at % kinds.length]?.() ?? '')
}

/** One after the other, for ever. */
export function inTurn<Value>(values: readonly Value[]): () => Value {
  let at = -1
  return () => {
    at = at + 1 === values.length ? 0 : at + 1
    return values[at] as Value
  }
}
