import { makeExecutableSchema } from '@graphql-tools/schema'
import type { ExecutionResult } from 'graphql'
import { type AuthXOptions, createAuthX } from 'graphql-authx'
import type { MakeWork } from '../../contest.ts'
import { makeTokens, OPTIONS } from '../../fixture.ts'
import {
  checkAll,
  checkNested,
  checkRefused,
  DOCUMENT,
  executor,
  NESTED,
  nestedResolvers,
  OBJECTS,
  type Places,
  resolvers,
  sdl,
} from './objects.ts'

interface Asked {
  readonly token: 'good' | 'none'
  readonly enforcement?: NonNullable<AuthXOptions['enforcement']>
  readonly check: (result: ExecutionResult) => void
}

/** As an adapter does it: each operation with a request of its own, and its token judged anew. */
const ask =
  (places: Places, { token, enforcement = 'field', check }: Asked): MakeWork =>
  async () => {
    const authx = createAuthX({ ...OPTIONS, enforcement })
    const schema = authx.protect(
      makeExecutableSchema({
        typeDefs: [authx.typeDefs, sdl(places)],
        resolvers: places.nested ? nestedResolvers : resolvers,
      }),
    )
    const { serving } = authx
    serving.beginServing(schema)
    const document = places.nested ? NESTED : DOCUMENT
    const execute = executor(schema, document)
    const { good } = await makeTokens()
    const authorization = token === 'good' ? [`Bearer ${good[0]}`] : []
    const carrier = {
      method: 'POST',
      headerValues: (name: string) => (name === 'authorization' ? authorization : []),
      queryValues: () => [],
    }
    const run = async (): Promise<ExecutionResult> => {
      const contextValue = {}
      Object.assign(contextValue, serving.open(carrier).contextMembers(contextValue))
      const admission = await serving.admit({ schema, document, contextValue } as never)
      return admission !== undefined && 'errors' in admission ? admission : execute(contextValue)
    }
    return { run, check: async () => check(await run()) }
  }

const granted = { token: 'good', check: checkAll } as const

export const root: MakeWork = ask({ root: '@auth' }, granted)
export const type: MakeWork = ask({ type: '@auth' }, granted)
export const leaves: MakeWork = ask({ leaf: '@auth' }, granted)
export const nested: MakeWork = ask(
  { type: '@auth', leaf: '@auth', nested: true },
  { token: 'good', check: checkNested },
)
export const rootRefused: MakeWork = ask(
  { root: '@auth' },
  { token: 'none', check: (result) => checkRefused(result, 1) },
)
export const leavesRefused: MakeWork = ask(
  { leaf: '@auth' },
  { token: 'none', check: (result) => checkRefused(result, 10 * OBJECTS) },
)
export const operationGranted: MakeWork = ask(
  { leaf: '@auth' },
  { token: 'good', enforcement: 'operation', check: checkAll },
)
export const operationRefused: MakeWork = ask(
  { leaf: '@auth' },
  { token: 'none', enforcement: 'operation', check: (result) => checkRefused(result, 10) },
)
