import { makeExecutableSchema } from '@graphql-tools/schema'
import type { MakeWork } from '../../contest.ts'
import { applyMiddleware, rule, shield } from '../shield.ts'
import { checkAll, checkRefused, executor, OBJECTS, resolvers, sdl } from './objects.ts'

interface Context {
  readonly user?: object
}

/** Its own cache remembers a rule's answer for a request. */
const isAuthenticated = rule({ cache: 'contextual' })(
  (_source, _args, { user }: Context) => user !== undefined,
)

const ask =
  (rules: Parameters<typeof shield>[0], context: () => Context, refused = 0): MakeWork =>
  () => {
    const schema = makeExecutableSchema({ typeDefs: sdl(), resolvers })
    const execute = executor(applyMiddleware(schema, shield(rules)))
    const run = () => execute(context())
    return {
      run,
      check: async () => (refused === 0 ? checkAll(await run()) : checkRefused(await run(), refused)),
    }
  }

const known = (): Context => ({ user: {} })

export const root: MakeWork = ask({ Query: { items: isAuthenticated } }, known)
export const leaves: MakeWork = ask({ Item: isAuthenticated }, known)
export const leavesRefused: MakeWork = ask({ Item: isAuthenticated }, () => ({}), 10 * OBJECTS)
