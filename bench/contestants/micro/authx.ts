import { ok } from 'node:assert/strict'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { createAuthX } from 'graphql-authx'
import { Authentication } from '../../../src/core/authentication.ts'
import type { Carrier } from '../../../src/core/carrier.ts'
import { Refusal } from '../../../src/core/refusal.ts'
import { anyToken } from '../../../src/core/requirement.ts'
import { readSettings } from '../../../src/core/settings.ts'
import { createEngine } from '../../../src/graphql/engine.ts'
import { memory } from '../../../src/stores/memory.ts'
import type { MakeWork } from '../../contest.ts'
import { OPTIONS, sdl, USER } from '../../fixture.ts'
import { forged, garbage, inTurn, NEW, tokens } from './tokens.ts'

/** A request as an adapter hands it over. */
function carrierOf(header: string): Carrier {
  const authorization = [header]
  return {
    method: 'POST',
    headerValues: (name) => (name === 'authorization' ? authorization : []),
    queryValues: () => [],
  }
}

/** A header as node:http gives it: one text, where a template's is two until somebody reads it. */
function headerOf(token: string): string {
  return Buffer.from(`Bearer ${token}`, 'latin1').toString('latin1')
}

/** From the request to the verdict: locate, verify, claims, type, revocation, rule. */
const judge =
  (
    make: (count: number) => readonly string[] | Promise<readonly string[]>,
    count: number,
    isRight: (said: unknown) => boolean,
  ): MakeWork =>
  async () => {
    const settings = readSettings(OPTIONS, (clock) => memory({ clock }))
    const engine = createEngine(settings)
    const rule = anyToken('access')
    const next = inTurn((await make(count)).map(headerOf))
    // As any server has met a good one before.
    for (const good of await tokens(1)) engine.codec.verify(good)
    const context = {}
    const judged = () =>
      new Authentication(engine, carrierOf(next()), 'access').judge(rule, {}, context, 'query')
    return {
      run: judged,
      check() {
        for (let one = 0; one < 8; one += 1) {
          const verdict = judged()
          const said = verdict instanceof Refusal ? verdict.reason : (verdict as { sub?: unknown }).sub
          ok(isRight(said), `a judgement that says ${said}`)
        }
      },
    }
  }

const isUser = (said: unknown): boolean => said === USER.id

export const judgeNew: MakeWork = judge(tokens, NEW, isUser)
export const judgeRepeated: MakeWork = judge(tokens, 100, isUser)
export const judgeForged: MakeWork = judge(forged, NEW, (said) => said === 'TOKEN_INVALID')
export const judgeGarbage: MakeWork = judge(
  garbage,
  NEW,
  (said) => said === 'TOKEN_MALFORMED' || said === 'TOKEN_INVALID',
)

/** By what users hold: an open request, the members of its context, a resolver behind `@auth`. */
export const guardedField: MakeWork = async () => {
  const authx = createAuthX(OPTIONS)
  const schema = authx.protect(
    makeExecutableSchema({
      typeDefs: [authx.typeDefs, sdl('@auth')],
      resolvers: { Query: { member: () => USER } },
    }),
  )
  const { resolve } = schema.getQueryType()?.getFields().member ?? {}
  const next = inTurn((await tokens(100)).map(headerOf))
  const run = (): unknown => {
    const context = {}
    Object.assign(context, authx.serving.open(carrierOf(next())).contextMembers(context))
    const info = { operation: { operation: 'query' }, variableValues: {}, path: { key: 'member' } }
    return resolve?.({}, {}, context, info as never)
  }
  return { run, check: () => ok(run() === USER) }
}
