import { createSecretKey } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { Tokens } from '../../contest.ts'
import { SECRET } from '../../fixture.ts'

export interface User {
  readonly sub: string
  readonly sid: string
}

/** Whose request it is by its `Authorization` header; undefined where that is nobody's, or the session has ended. */
export type Authenticate = (authorization: string | undefined) => User | undefined

/** Revocation as it is added to a peer by hand: a set of sessions. */
export function revokedBy({ revokedSid }: Tokens): ReadonlySet<string> {
  return new Set([revokedSid])
}

/** What most people write: jsonwebtoken in the context. */
export function jsonwebtoken(key: jwt.Secret, revoked: ReadonlySet<string>): Authenticate {
  return (authorization) => {
    if (authorization === undefined || !authorization.startsWith('Bearer ')) return undefined
    try {
      const user = jwt.verify(authorization.slice(7), key, { algorithms: ['HS256'] }) as unknown as User
      return revoked.has(user.sid) ? undefined : user
    } catch {
      return undefined
    }
  }
}

/** As its README has it. */
export const STRING: jwt.Secret = SECRET

export const KEY: jwt.Secret = createSecretKey(SECRET, 'utf8')

/** The fastest that is still right: a KeyObject, and what was verified is remembered by its text until it ends. */
export function cached(revoked: ReadonlySet<string>): Authenticate {
  const known = new Map<string, User & { exp: number }>()
  const verify = jsonwebtoken(KEY, new Set())
  return (authorization) => {
    if (authorization === undefined) return undefined
    let user = known.get(authorization)
    if (user === undefined || user.exp * 1000 <= Date.now()) {
      user = verify(authorization) as (User & { exp: number }) | undefined
      if (user === undefined) return undefined
      if (known.size >= 10_000) known.clear()
      known.set(authorization, user)
    }
    return revoked.has(user.sid) ? undefined : user
  }
}
