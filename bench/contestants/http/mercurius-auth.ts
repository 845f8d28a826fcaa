import fastifyJwt from '@fastify/jwt'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import mercurius, { type MercuriusContext } from 'mercurius'
import plugin from 'mercurius-auth'
import type { Serve } from '../../contest.ts'
import { SECRET, sdl, USER } from '../../fixture.ts'
import { revokedBy, type User } from './verify.ts'

/** Its type is that of a CommonJS module, as Node does not load it. */
const mercuriusAuth = plugin as unknown as FastifyPluginAsync<MercuriusAuthOptions>

/** What is used of its options. */
interface MercuriusAuthOptions {
  authContext(context: MercuriusContext): Promise<object>
  applyPolicy(policy: unknown, source: unknown, args: unknown, context: MercuriusContext): Promise<boolean>
  readonly authDirective: string
}

interface Asked {
  readonly jit: number
  readonly cache: boolean
}

const serve =
  ({ jit, cache }: Asked): Serve =>
  async (tokens) => {
    const revoked = revokedBy(tokens)
    const app = Fastify()
    await app.register(fastifyJwt, { secret: SECRET, verify: { algorithms: ['HS256'], cache } })
    await app.register(mercurius, {
      schema: `directive @auth on OBJECT | FIELD_DEFINITION ${sdl('@auth')}`,
      resolvers: { Query: { member: () => USER } },
      jit,
    })
    await app.register(mercuriusAuth, {
      async authContext({ reply }) {
        try {
          const user = await reply.request.jwtVerify<User>()
          return { user: revoked.has(user.sid) ? undefined : user }
        } catch {
          return {}
        }
      },
      async applyPolicy(_policy, _source, _args, context) {
        return (context.auth as { user?: User } | undefined)?.user !== undefined
      },
      authDirective: 'auth',
    })
    return { url: `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql` }
  }

/** As the two READMEs have it. */
export const documented: Serve = serve({ jit: 0, cache: false })

/** With the cache of fast-jwt, which keeps 1,000 tokens. */
export const cached: Serve = serve({ jit: 0, cache: true })

export const fastest: Serve = serve({ jit: 1, cache: true })
