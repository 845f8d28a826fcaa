import { deepStrictEqual, throws } from 'node:assert/strict'
import { createVerifier } from 'fast-jwt'
import type { MakeWork } from '../../contest.ts'
import { SECRET, USER } from '../../fixture.ts'
import { forged, inTurn, NEW, tokens } from './tokens.ts'

const verifyWith =
  (cache: boolean, count: number): MakeWork =>
  async () => {
    const next = inTurn(await tokens(count))
    const [bad = ''] = await forged(1)
    const verify = createVerifier({ key: SECRET, algorithms: ['HS256'], cache })
    return {
      run: () => verify(next()),
      check() {
        deepStrictEqual(verify(next()).sub, USER.id)
        throws(() => verify(bad))
      },
    }
  }

export const plain: MakeWork = verifyWith(false, NEW)

/** Its cache keeps 1,000. */
export const repeated: MakeWork = verifyWith(true, 100)

export const cachedButNew: MakeWork = verifyWith(true, NEW)
