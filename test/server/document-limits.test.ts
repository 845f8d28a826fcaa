import { createYoga, type Plugin } from 'graphql-yoga'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DocumentCache, useDocumentCache } from '../../src/server/document-cache.ts'
import { useRequestLimits } from '../../src/server/request-limits.ts'
import { type App, startApp } from '../harness/app.ts'
import { guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const LONGEST = 'N'.repeat(255)
const LONGER = `${LONGEST}N`

let app: App
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app[Symbol.asyncDispose]())

interface Body {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly locations?: readonly unknown[] }[]
}

/** An answer: its messages, what it has otherwise, and how long it is. */
async function ask(query: string) {
  const text = await (await app.send({ query })).text()
  const { data, errors = [] } = JSON.parse(text) as Body
  return { data, errors, messages: errors.map(({ message }) => message), size: text.length }
}

const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ')

describe('a name', () => {
  it.each([
    ['an operation', (name: string) => `query ${name} { __typename }`],
    ['a fragment', (name: string) => `{ ...${name} } fragment ${name} on Query { __typename }`],
    ['an alias', (name: string) => `{ ${name}: __typename }`],
    ['a variable', (name: string) => `query ($${name}: Boolean!) { __typename @skip(if: $${name}) }`],
    ['a field', (name: string) => `{ ${name} }`],
    ['an argument', (name: string) => `{ __type(${name}: 5) { name } }`],
    ['a directive', (name: string) => `{ __typename @${name} }`],
    ['a type', (name: string) => `query ($a: ${name}) { __typename @skip(if: $a) }`],
    ['an enum value', (name: string) => `{ __type(name: ${name}) { name } }`],
  ])('GQL-04: of %s has at most 255 characters', async (_, document) => {
    const refused = ['Syntax Error: A name is longer than 255 characters.']
    expect((await ask(document(LONGER))).messages).toEqual(refused)
    expect((await ask(document(LONGEST))).messages).not.toEqual(refused)
  })

  it('GQL-04: that long is not repeated, whatever else is wrong', async () => {
    const document = `query ${'N'.repeat(95_000)}(${times(105, (index) => `$v${index}: Int`)}) { __typename }`
    const { size, errors } = await ask(document)
    expect([errors.length, size < 300]).toEqual([1, true])
    expect((await ask(`query ${'N'.repeat(95_000)} {`)).size).toBeLessThan(300)
  })

  it('GQL-04: is not what a string or a comment has', async () => {
    const { data } = await ask(`{ __type(name: "${LONGER}") { name } __typename } # ${LONGER}`)
    expect(data).toEqual({ __type: null, __typename: 'Query' })
  })
})

describe('what an invalid document is answered with', () => {
  it('GQL-04: is ten errors, and then that there are more', async () => {
    const { messages } = await ask(
      `query ${LONGEST}(${times(105, (index) => `$v${index}: Int`)}) { __typename }`,
    )
    expect(messages.length).toBe(11)
    expect(messages.at(-1)).toMatch(/^Too many validation errors/)
  })

  it('GQL-04: is short, whatever is repeated and however often', async () => {
    const name = (index: number): string => `${'F'.repeat(250)}${index % 60}`
    const circles = `{ ...${name(0)} } ${times(60, (index) => `fragment ${name(index)} on Query { ...${name(index + 1)} ...${name(index + 7)} ...${name(index + 13)} }`)}`
    const { messages, errors, size } = await ask(circles)
    expect(messages.slice(0, 2)).toEqual([
      expect.stringMatching(/^Cannot spread fragment "F+0" within itself/),
      expect.stringMatching(/^Cannot spread fragment "F+/),
    ])
    expect(Math.max(...messages.map(({ length }) => length))).toBeLessThanOrEqual(500)
    expect(Math.max(...errors.map(({ locations }) => locations?.length ?? 0))).toBeLessThanOrEqual(10)
    expect(size).toBeLessThan(12_000)
  })

  it('is not what happened in a field, whose error keeps its path', async () => {
    const { errors } = await ask(`{ ${times(20, () => 'profile')} }`)
    expect(errors).toMatchObject([{ path: ['profile'], extensions: { code: 'UNAUTHENTICATED' } }])
  })

  it('GQL-04: is short where the name of an operation is not in the document', async () => {
    const response = await app.send({ query: 'query A { __typename }', operationName: 'N'.repeat(95_000) })
    expect((await response.text()).length).toBeLessThan(1000)
  })
})

describe('how much an operation asks for', () => {
  const CROWDED = ['More than 50 fields have one place in the answer.']

  it.each([
    ['at the top', times(51, () => '__typename')],
    ['with fields of their own', times(51, () => 'me { id }')],
    ['through fragments', `me { ...A ${times(30, () => 'id')} } me { ...A ${times(20, () => 'id')} } } fragment A on User { id`],
    ['in fragments of fragments', `me { ...A } } fragment A on User { ${times(25, () => 'id')} ...B } fragment B on User { ... { ${times(26, () => 'id')} }`],
    ['below many', times(30, () => 'me { id id }')],
  ])('GQL-04: is not one place in the answer over and over: %s', async (_, selections) => {
    expect((await ask(`{ ${selections} }`)).messages).toEqual(CROWDED)
  }) // biome-ignore format: a table

  it.each([
    ['fifty times one', times(50, () => '__typename')],
    ['one fragment however often', `${times(60, () => '...A')} } fragment A on Query { __typename`],
    ['one name in many places', times(19, (index) => `a${index}: __type(name: "User") { ${times(10, () => 'name')} }`)],
  ])('GQL-04: may well be %s', async (_, selections) => {
    expect((await ask(`{ ${selections} }`)).messages).toEqual([])
  }) // biome-ignore format: a table

  it('GQL-04: is judged before anything that takes long to check', async () => {
    expect(await ask(`{ ${times(60, () => 'me { id }')} nonsense }`)).toMatchObject({ messages: CROWDED })
    expect(await ask(`{ ${times(21, (index) => `a${index}: nonsense`)} }`)).toMatchObject({
      messages: ['The operation has more than 20 aliases.'],
    })
    expect(await ask(`{ nonsense } fragment A on User { ${times(480, () => 'id')} }`)).toMatchObject({
      messages: ['Fragment "A" is never used.'],
    })
  })

  it('GQL-04: is measured where fragments that go in a circle branch', async () => {
    const branches = times(15, (index) => `a${index}: me { ...A }`)
    const { messages } = await ask(`{ me { ...A } } fragment A on User { ${branches} }`)
    expect(messages[0]).toBe('Cannot spread fragment "A" within itself.')
  })
})

describe('documents that are kept', () => {
  /** A server that keeps documents, and how often it validated one. */
  function open(cache: DocumentCache) {
    const { authx } = openAuthX()
    const schema = guarded(authx, 'type Query { a: Int }')
    let validated = 0
    const requests = {
      body: 1e6,
      tokens: 1000,
      depth: 9,
      fields: 99,
      rootFields: 99,
      aliases: 9,
      directives: 9,
    }
    const counting: Plugin = {
      onValidate({ validateFn, setValidationFn }) {
        setValidationFn((...args: Parameters<typeof validateFn>) => {
          validated += 1
          return validateFn(...args)
        })
      },
    }
    const yoga = createYoga({
      schema,
      plugins: [
        useRequestLimits({ requests, introspection: 'described', corsOrigins: [] }),
        useDocumentCache(cache),
        counting,
      ],
      parserAndValidationCache: false,
      logging: false,
    })
    return {
      validated: () => validated,
      async ask(query: string) {
        const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
        const response = await yoga.fetch('http://x/graphql', { ...init, body: JSON.stringify({ query }) })
        return response.json()
      },
    }
  }

  it('are validated once', async () => {
    const { ask, validated } = open(new DocumentCache())
    expect(await ask('{ a }')).toEqual({ data: { a: null } })
    const once = validated()
    expect(await ask('{ a }')).toEqual({ data: { a: null } })
    expect([once > 0, validated() - once]).toEqual([true, 0])
  })

  it.each(['{ nonsense }', '{ a', '{ a '.repeat(10)])(
    'GQL-04: are not the invalid ones: %s',
    async (query) => {
      const cache = new DocumentCache()
      const { ask } = open(cache)
      const first = await ask(query)
      expect([await ask(query), cache.size]).toEqual([first, 0])
    },
  )

  it('GQL-04: are so many bytes and no more, and those that were asked for last', async () => {
    const cache = new DocumentCache(100_000)
    const { ask } = open(cache)
    await ask('{ a }')
    for (let index = 0; index < 100; index += 1) {
      await ask(`{ a${index}: a } # ${'x'.repeat(10_000)}`)
      await ask('{ a }')
      expect(cache.bytes).toBeLessThanOrEqual(100_000)
    }
    expect([cache.size, cache.get('{ a }') !== undefined]).toEqual([5, true])
  })

  it('GQL-04: count what is made of them, not only their text', async () => {
    const cache = new DocumentCache()
    const { ask } = open(cache)
    await ask(`{ ${times(50, () => 'a')} }`)
    expect(cache.bytes).toBeGreaterThan(20_000)
  })
})
