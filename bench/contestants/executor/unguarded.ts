import { makeExecutableSchema } from '@graphql-tools/schema'
import type { MakeWork } from '../../contest.ts'
import { checkAll, checkNested, executor, NESTED, nestedResolvers, resolvers, sdl } from './objects.ts'

export const flat: MakeWork = () => {
  const run = executor(makeExecutableSchema({ typeDefs: sdl(), resolvers }))
  return { run, check: async () => checkAll(await run()) }
}

export const nested: MakeWork = () => {
  const typeDefs = sdl({ nested: true })
  const run = executor(makeExecutableSchema({ typeDefs, resolvers: nestedResolvers }), NESTED)
  return { run, check: async () => checkNested(await run()) }
}
