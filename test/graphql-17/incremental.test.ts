import * as graphql from 'graphql'
import { describe, expect, test } from 'vitest'
import { contextFor, gate, guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

interface Incremental {
  readonly initialResult: { readonly data: unknown }
  readonly subsequentResults: AsyncIterableIterator<unknown>
}

type Execute = (args: graphql.ExecutionArgs) => Incremental | Promise<Incremental>

const { experimentalExecuteIncrementally: execute, GraphQLDeferDirective: defer } = graphql as unknown as {
  readonly experimentalExecuteIncrementally: Execute
  readonly GraphQLDeferDirective: graphql.GraphQLDirective
}

const TYPES = `
  directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  type Query { person: Person @auth }
  type Person { name: String slow: String slower: String secret: String @auth(scopes: ["a"]) }
`

describe('what graphql 17 answers in parts (GQL-09)', () => {
  async function start(query: string) {
    const { authx } = openAuthX()
    const [slow, slower] = [gate(), gate()]
    const schema = guarded(authx, TYPES, {
      Query: { person: () => ({ name: 'Ada' }) },
      Person: {
        slow: () => slow.opened.then(() => 'slow'),
        slower: () => slower.opened.then(() => 'slower'),
        secret: () => 'secret',
      },
    })
    expect(defer.name).toBe('defer')
    const contextValue = contextFor(authx, await authx.createAccessToken({ sub: 'ada', sid: 's1' }))
    const executed = await execute({ schema, document: graphql.parse(query), contextValue })
    const answer = authx.serving.bindAnswer(executed, contextValue)
    const open = (): void => {
      slow.open()
      slower.open()
    }
    return { authx, answer, open, parts: answer.subsequentResults, slow }
  }

  test('ends with its token: every part that is still to come is completed with the error', async () => {
    const query = '{ person { name ... @defer(label: "a") { slow } ... @defer(label: "b") { slower } } }'
    const { authx, answer, open, parts, slow } = await start(query)
    expect(answer.initialResult.data).toEqual({ person: { name: 'Ada' } })
    slow.open()
    expect((await parts.next()).value).toMatchObject({ incremental: [{ data: { slow: 'slow' } }] })
    const last = parts.next()
    await authx.revoke({ sid: 's1' })
    const error = { extensions: { reason: 'TOKEN_REVOKED' } }
    const { value } = await last
    expect(value).toMatchObject({ completed: [{ errors: [error] }], errors: [error], hasNext: false })
    open()
    expect(await parts.next()).toEqual({ value: undefined, done: true })
  })

  test('has its deferred fields judged', async () => {
    const { parts } = await start('{ person { ... @defer { secret } } }')
    expect(JSON.stringify((await parts.next()).value)).toContain('SCOPES_MISSING')
  })
})
