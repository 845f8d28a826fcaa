import { randomUUID } from 'node:crypto'
import { type AuthXOptions, createAuthX } from '../src/index.ts'
import type { Tokens } from './contest.ts'

/** Of every contestant. */
export const SECRET = 'no secret at all, but long enough to be one'

/** Ours, for every contest. Tokens live longer than any run. */
export const OPTIONS: AuthXOptions = {
  secret: SECRET,
  accessTokenTtl: 86_400,
  logger: { warn() {}, error() {} },
}

/** The schema behind every server; `guard` stands where a directive can. */
export const sdl = (guard = ''): string => `
  type Query { member: Member ${guard} hello: String }
  type Member { id: ID! name: String! email: String }
`

/** What `Query.member` answers, whoever asks. */
export const USER = { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' }

export const QUERY = '{ member { id name email } }'

/** More than one, since that is what servers see. */
const SESSIONS = 100

/** Makes the tokens of a run. */
export async function makeTokens(): Promise<Tokens> {
  const authx = createAuthX(OPTIONS)
  const make = (sid: string): Promise<string> => authx.createAccessToken({ sub: USER.id, sid })
  const good = await Promise.all(Array.from({ length: SESSIONS }, () => make(randomUUID())))
  const revokedSid = randomUUID()
  const revoked = await make(revokedSid)
  const forger = createAuthX({ ...OPTIONS, secret: 'another one, that nobody here takes for theirs' })
  const signature = (await forger.createAccessToken({ sub: USER.id })).split('.')[2]
  const forged = [...(good[0] ?? '').split('.').slice(0, 2), signature].join('.')
  await Promise.all([authx.close(), forger.close()])
  return { good, revoked, revokedSid, forged }
}
