import { useGenericAuth } from '@envelop/generic-auth'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { type ExecutionResult, execute as executeHere } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { MakeWork } from '../../contest.ts'
import { checkAll, checkRefused, DOCUMENT, type Places, resolvers, sdl } from './objects.ts'

const DIRECTIVE = 'directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM'

const withExecutor: Plugin = { onExecute: ({ setExecuteFn }) => setExecuteFn(executeHere as never) }

/** As envelop runs it, behind its own context, with the executor of all others here; nothing of HTTP. */
const ask =
  (places: Places, user: object | null, check: (result: ExecutionResult) => void): MakeWork =>
  () => {
    const schema = makeExecutableSchema({ typeDefs: [DIRECTIVE, sdl(places)], resolvers })
    const auth = useGenericAuth({ mode: 'protect-granular', resolveUserFn: () => user })
    const yoga = createYoga({ schema, plugins: [auth as never, withExecutor], logging: false })
    const run = async (): Promise<ExecutionResult> => {
      const { schema: enveloped, execute, contextFactory } = yoga.getEnveloped({ params: {} } as never)
      const contextValue = await contextFactory()
      return execute({ schema: enveloped, document: DOCUMENT, contextValue }) as Promise<ExecutionResult>
    }
    return { run, check: async () => check(await run()) }
  }

export const root: MakeWork = ask({ root: '@authenticated' }, {}, checkAll)
export const leaves: MakeWork = ask({ leaf: '@authenticated' }, {}, checkAll)
export const leavesRefused: MakeWork = ask({ leaf: '@authenticated' }, null, (result) =>
  checkRefused(result, 10),
)
