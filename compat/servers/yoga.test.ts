import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { createYoga } from 'graphql-yoga'
import { expect, test } from 'vitest'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { guarded } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'

/** A Yoga behind Fastify, as its documentation has it. */
async function serve() {
  const { authx } = openAuthX()
  const schema = guarded(authx, 'type Query { secret: String! @auth }', { Query: { secret: () => 'secret' } })
  const app = Fastify({ forceCloseConnections: true })
  const yoga = createYoga<{ req: FastifyRequest; reply: FastifyReply }>({
    schema,
    plugins: [useAuthX(authx)],
    logging: false,
    graphiql: false,
  })
  app.addContentTypeParser('multipart/form-data', {}, (_request, _payload, done) => done(null))
  app.route({
    url: yoga.graphqlEndpoint,
    method: ['GET', 'POST', 'OPTIONS'],
    handler: (req, reply) => yoga.handleNodeRequestAndResponse(req, reply, { req, reply }),
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    token: () => authx.createAccessToken({ sub: 'ada' }),
    /** Node sends each header of a list by itself. */
    async ask(authorization: string[]) {
      const headers = { 'content-type': 'application/json', authorization }
      const sent = request(`${url}/graphql`, { method: 'POST', headers: headers as never })
      sent.end(JSON.stringify({ query: '{ secret }' }))
      const [answer] = (await once(sent, 'response')) as [IncomingMessage]
      const { data, errors } = JSON.parse(Buffer.concat(await answer.toArray()).toString())
      return [answer.statusCode, errors?.[0].extensions.reason ?? data.secret]
    },
    [Symbol.asyncDispose]: async () => app.close(),
  }
}

test('Yoga behind Fastify sees both of two Authorization headers, which Node joins to one', async () => {
  await using server = await serve()
  const good = `Bearer ${await server.token()}`
  expect(await server.ask([good])).toEqual([200, 'secret'])
  expect(await server.ask([good, 'Bearer other'])).toEqual([400, 'CREDENTIALS_AMBIGUOUS'])
  expect(await server.ask(['Basic abc', good])).toEqual([400, 'CREDENTIALS_AMBIGUOUS'])
})
