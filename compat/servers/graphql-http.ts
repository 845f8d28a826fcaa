import { createServerAdapter } from '@whatwg-node/server'
import express from 'express'
import fastify from 'fastify'
import { createHandler as createExpress } from 'graphql-http/lib/use/express'
import { createHandler as createFastify } from 'graphql-http/lib/use/fastify'
import { createHandler as createFetch } from 'graphql-http/lib/use/fetch'
import { createHandler as createNode } from 'graphql-http/lib/use/http'
import { authxOptions } from '../../src/graphql/adapters/graphql-http.ts'
import { listen } from './listen.ts'
import type { Served, Setup } from './serve.ts'

interface Options {
  readonly schema: Setup['schema']
  readonly context: () => Promise<Record<string, unknown>>
}

function optionsOf({ authx, schema, origins = [], onContext }: Setup): Options {
  const context = async (): Promise<Record<string, unknown>> => ({ own: await onContext?.() })
  return authxOptions(authx, { schema, context }, { origins })
}

export async function graphqlHttpNode(setup: Setup): Promise<Served> {
  return listen(createNode(optionsOf(setup)))
}

export async function graphqlHttpExpress(setup: Setup): Promise<Served> {
  return listen(express().all('/graphql', createExpress(optionsOf(setup))))
}

export async function graphqlHttpFastify(setup: Setup): Promise<Served> {
  const app = fastify()
  app.all('/graphql', createFastify(optionsOf(setup)))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { url: `${url}/graphql`, close: () => app.close() }
}

export async function graphqlHttpFetch(setup: Setup): Promise<Served> {
  return listen(createServerAdapter(createFetch(optionsOf(setup))))
}
