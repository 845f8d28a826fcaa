import type { AuthX } from '../../src/index.ts'
import { NOW, type SettableClock } from '../../test/harness/clock.ts'
import { encode, forge, forgeRefresh } from '../../test/harness/forge.ts'
import { OTHER_SECRET } from '../../test/harness/keys.ts'
import { spellings } from '../../test/harness/spellings.ts'

/** Where a token is made: an instance on a standing clock. */
export interface Mint {
  readonly authx: AuthX
  readonly clock: SettableClock
}

const seconds = NOW / 1000
const ada = { sub: 'ada' }
const otherKey = { alg: 'HS256', kid: 'default', signing: OTHER_SECRET, verifying: OTHER_SECRET } as const

/** Who asks, by the token that they bring. */
export const CALLERS = {
  garbage: () => 'garbage',
  good: ({ authx }: Mint) => authx.createAccessToken(ada),
  fresh: ({ authx }: Mint) => authx.createAccessToken({ ...ada, fresh: true }),
  reader: ({ authx }: Mint) => authx.createAccessToken({ ...ada, scopes: ['read', 'list'] }),
  admin: ({ authx }: Mint) => authx.createAccessToken({ ...ada, scopes: ['admin:*', 'admin'] }),
  halfReader: ({ authx }: Mint) => authx.createAccessToken({ ...ada, scopes: ['read'] }),
  refresh: ({ authx }: Mint) => authx.createRefreshToken(ada),
  forged: () => forge({ key: otherKey }),
  changed: async ({ authx }: Mint) => {
    const [header, , signature] = (await authx.createAccessToken(ada)).split('.')
    const [, payload] = (await authx.createAccessToken({ sub: 'eve' })).split('.')
    return [header, payload, signature].join('.')
  },
  algNone: () => `${encode({ alg: 'none', typ: 'at+jwt' })}.${forge().split('.')[1]}.`,
  otherType: () => forge({ header: { typ: 'JWT' } }),
  expired: () => forge({ payload: { iat: seconds - 2000, exp: seconds - 1000 } }),
  early: () => forge({ payload: { nbf: seconds + 1000 } }),
  noSession: () => forge({ payload: { sid: undefined } }),
  otherIssuer: () => forge({ payload: { iss: 'https://other.example' } }),
  otherAudience: () => forge({ payload: { aud: 'other' } }),
  ofAudience: () => forge({ payload: { iss: 'https://issuer.example', aud: 'api' } }),
  notForAudience: () => forge({ payload: { iss: 'https://issuer.example', aud: 'other' } }),
  notOfIssuer: () => forge({ payload: { iss: 'https://other.example', aud: 'api' } }),
  revoked: async ({ authx }: Mint) => revoked(authx, ({ jti, exp }) => ({ jti, exp })),
  ofEndedSession: async ({ authx }: Mint) => revoked(authx, ({ sid }) => ({ sid })),
  ofLockedSubject: async ({ authx }: Mint) => revoked(authx, ({ sub }) => ({ sub })),
  respelled: async ({ authx }: Mint) => {
    const token = await revoked(authx, ({ jti, exp }) => ({ jti, exp }))
    return spellings(token)[0] ?? ''
  },
  expiredRefresh: () => forgeRefresh({ payload: { iat: seconds - 2000, exp: seconds - 1000 } }),
} as const satisfies Record<string, (mint: Mint) => string | Promise<string>>

export type Caller = keyof typeof CALLERS

type Target = Parameters<AuthX['revoke']>[0]
type Identity = { readonly jti: string; readonly exp: number; readonly sid: string; readonly sub: string }

async function revoked(authx: AuthX, target: (claims: Identity) => Target): Promise<string> {
  const token = await authx.createAccessToken(ada)
  const claims = await authx.verify(token)
  await authx.revoke(target(claims as Identity))
  return token
}
