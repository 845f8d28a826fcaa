import { deepStrictEqual, throws } from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { MakeWork } from '../../contest.ts'
import { SECRET, USER } from '../../fixture.ts'
import { forged, inTurn, NEW, tokens } from './tokens.ts'

const verifyWith =
  (key: jwt.Secret): MakeWork =>
  async () => {
    const next = inTurn(await tokens(NEW))
    const [bad = ''] = await forged(1)
    const run = (token = next()): jwt.JwtPayload =>
      jwt.verify(token, key, { algorithms: ['HS256'] }) as jwt.JwtPayload
    return {
      run: () => run(),
      check() {
        deepStrictEqual(run().sub, USER.id)
        throws(() => run(bad))
      },
    }
  }

/** As its README has it. */
export const string: MakeWork = verifyWith(SECRET)

export const key: MakeWork = verifyWith(createSecretKey(SECRET, 'utf8'))
