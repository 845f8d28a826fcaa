import { getIntrospectionQuery } from 'graphql'
import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { useRequestLimits } from '../../src/server/request-limits.ts'
import { type App, startApp } from '../harness/app.ts'
import { guarded, serve } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { startServerProcess } from '../harness/server.ts'

const PRODUCTION = { NODE_ENV: 'production', LOG_LEVEL: 'silent' }
const JSON_BODY = { 'content-type': 'application/json' }
const REVOKE = 'mutation { revoke(token: "x") }'

let app: App
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const get = (query: string, headers: Record<string, string> = {}, at: { url: string } = app) =>
  fetch(`${at.url}?${new URLSearchParams({ query })}`, { headers })

const post = (body: string, headers: Record<string, string>, at: { url: string } = app) =>
  fetch(at.url, { method: 'POST', headers, body: new TextEncoder().encode(body) })

/** What a document is answered with: its data, or the messages. */
async function ask(query: string, at: App = app): Promise<unknown> {
  const body = (await (await at.send({ query })).json()) as { data?: unknown; errors?: { message: string }[] }
  return body.errors?.map(({ message }) => message) ?? body.data
}

const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ')

describe('a GET', () => {
  it.each([
    ['a mutation', REVOKE],
    [
      'a mutation among others',
      `query A { profile } ${REVOKE.replace('mutation', 'mutation B')}&operationName=B`,
    ],
  ])('GQL-01: does not execute %s: 405', async (_, query) => {
    const [document = '', operation] = query.split('&operationName=')
    const parameters = new URLSearchParams({ query: document })
    if (operation !== undefined) parameters.set('operationName', operation)
    const response = await fetch(`${app.url}?${parameters}`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    expect(await response.json()).not.toHaveProperty('data')
  })

  it.each(['text/event-stream', 'application/json'])(
    'GQL-01: executes nothing where it comes as a HEAD that accepts %s',
    async (accept) => {
      const { authx } = openAuthX()
      const ran: string[] = []
      const run = (name: string) => () => ran.push(name)
      const schema = guarded(
        authx,
        'type Query { a: Int } type Mutation { b: Int } type Subscription { c: Int }',
        {
          Query: { a: run('a') },
          Mutation: { b: run('b') },
          Subscription: { c: { subscribe: run('c') } } as never,
        },
      )
      const { requests } = LIMITS
      const plugins = [
        useAuthX(authx),
        useRequestLimits({ requests, introspection: 'described', corsOrigins: [] }),
      ]
      await using server = await serve(authx, schema, { plugins })
      for (const query of ['{ a }', 'mutation { b }', 'subscription { c }']) {
        const response = await fetch(`${server.url}?${new URLSearchParams({ query })}`, {
          method: 'HEAD',
          headers: { accept },
        })
        expect(response.status).toBe(405)
      }
      expect(ran).toEqual([])
    },
  )

  it('GQL-01: subscribes only where events are expected', async () => {
    const { authx } = openAuthX()
    let subscribed = 0
    const schema = guarded(authx, 'type Query { a: Int } type Subscription { tick: Int }', {
      Subscription: {
        tick: {
          subscribe: async function* () {
            subscribed += 1
            yield { tick: 1 }
          },
        },
      },
    })
    const { requests } = LIMITS
    const plugins = [
      useAuthX(authx),
      useRequestLimits({ requests, introspection: 'described', corsOrigins: [] }),
    ]
    await using server = await serve(authx, schema, { plugins })
    const refused = await get('subscription { tick }', { accept: 'application/json' }, server)
    expect([refused.status, subscribed]).toEqual([405, 0])
    const events = await get('subscription { tick }', { accept: 'text/event-stream' }, server)
    expect([events.status, (await events.text()).includes('"tick":1'), subscribed]).toEqual([200, true, 1])
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/graphql',
    'text/plain; a=application/json',
    'message/rfc822',
  ])('GQL-03: with the content type %s is refused', async (type) => {
    expect((await get('{ __typename }', { 'content-type': type })).status).toBe(415)
  })

  it('GQL-03: from a page of another site is refused, unless the browser had to ask first or the page is named', async () => {
    await using named = await startApp({ env: { AUTHX_CORS_ORIGINS: 'https://app.example' } })
    const status = async (headers: Record<string, string>) =>
      (await get('{ __typename }', headers, named)).status
    const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
    expect(await status({})).toBe(200)
    expect(await status({ 'sec-fetch-site': 'same-origin' })).toBe(200)
    expect(await status({ 'sec-fetch-site': 'none' })).toBe(200)
    expect(await status(foreign)).toBe(403)
    expect(await status({ 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(await status({ ...foreign, 'sec-fetch-dest': 'image' })).toBe(403)
    expect(await status({ ...foreign, origin: 'https://evil.example' })).toBe(403)
    expect(await status({ ...foreign, origin: 'https://app.example' })).toBe(200)
    expect(await status({ ...foreign, 'apollo-require-preflight': '1' })).toBe(200)
    expect(await status({ ...foreign, authorization: 'Bearer x' })).not.toBe(403)
  })
})

describe('a POST', () => {
  it.each([
    [undefined, JSON.stringify({ query: REVOKE })],
    ['text/plain', JSON.stringify({ query: REVOKE })],
    ['text/plain;charset=UTF-8', JSON.stringify({ query: REVOKE })],
    ['TEXT/PLAIN', JSON.stringify({ query: REVOKE })],
    ['text/plain; a=application/json', JSON.stringify({ query: REVOKE })],
    ['application/jsonx', JSON.stringify({ query: REVOKE })],
    ['application/x-www-form-urlencoded', new URLSearchParams({ query: REVOKE }).toString()],
    ['application/graphql', REVOKE],
    [
      'multipart/form-data; boundary=b',
      `--b\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query: REVOKE })}\r\n--b\r\ncontent-disposition: form-data; name="map"\r\n\r\n{}\r\n--b--\r\n`,
    ],
  ])('GQL-02: with the content type %s is not executed', async (type, body) => {
    const response = await post(body, type === undefined ? {} : { 'content-type': type })
    expect(response.status).toBe(415)
    expect(await response.text()).not.toContain('"data"')
  })

  it.each(['application/json', 'application/json; charset=utf-8'])(
    'with the content type %s is executed',
    async (type) => {
      const response = await post(JSON.stringify({ query: REVOKE }), { 'content-type': type })
      expect([response.status, await response.json()]).toEqual([200, { data: { revoke: true } }])
    },
  )
})

const LIMITS = {
  requests: { body: 5000, tokens: 200, depth: 3, fields: 8, rootFields: 4, aliases: 5, directives: 2 },
}

describe('an operation', () => {
  let small: App
  beforeAll(async () => {
    small = await startApp({
      env: {
        AUTHX_MAX_BODY: '5000',
        AUTHX_MAX_TOKENS: '200',
        AUTHX_MAX_DEPTH: '1',
        AUTHX_MAX_FIELDS: '8',
        AUTHX_MAX_ROOT_FIELDS: '4',
        AUTHX_MAX_ALIASES: '5',
        AUTHX_MAX_DIRECTIVES: '2',
      },
    })
  })
  afterAll(() => small[Symbol.asyncDispose]())

  it.each<[what: string, within: string, beyond: string, says: unknown]>([
    ['tokens', `{ ${times(198, () => 'tokenOptional')} }`.replace(/( tokenOptional){191} \}/, ' }'), `{ ${times(199, () => 'tokenOptional')} }`, expect.stringMatching(/^Syntax Error: Document contains more tha[nt] 200 tokens/)],
    ['depth', '{ __typename }', '{ me { id } }', 'The operation has more than 1 levels of fields.'],
    ['depth through fragments', '{ ...A } fragment A on Query { __typename }', '{ ...A } fragment A on Query { ...B } fragment B on Query { ... { me { id } } }', 'The operation has more than 1 levels of fields.'],
    ['root fields', `{ ${times(4, (index) => `a${index}: __typename`)} }`, `{ ${times(5, (index) => `a${index}: __typename`)} }`, 'The operation has more than 4 fields at its top.'],
    ['root fields through fragments', '{ ...A b: __typename c: __typename } fragment A on Query { d: __typename e: __typename }', '{ ...A ...B c: __typename } fragment A on Query { d: __typename e: __typename } fragment B on Query { ... on Query { f: __typename g: __typename } }', 'The operation has more than 4 fields at its top.'],
    ['aliases', `{ ${times(5, () => 'a: __typename')} }`, `{ ${times(6, () => 'a: __typename')} }`, 'The operation has more than 5 aliases.'],
    ['aliases through fragments', '{ ...A ...A } fragment A on Query { a: __typename b: __typename }', '{ ...A ...A ...A } fragment A on Query { a: __typename b: __typename }', 'The operation has more than 5 aliases.'],
    ['fields', `{ ${times(8, () => '__typename')} }`, `{ ${times(9, () => '__typename')} }`, 'The operation has more than 8 fields.'],
    ['fields through fragments', '{ ...A ...A } fragment A on Query { ...B ...B } fragment B on Query { __typename __typename }', '{ ...A ...A } fragment A on Query { ...B ...B } fragment B on Query { __typename __typename __typename }', 'The operation has more than 8 fields.'],
    ['directives', '{ __typename @skip(if: false) @include(if: true) }', '{ ... @skip(if: false) { __typename @skip(if: false) @include(if: true) } }', 'The operation has more than 2 directives.'],
    ['directives on a fragment', '{ ...A @skip(if: false) } fragment A on Query { __typename @skip(if: false) }', '{ ...A @skip(if: false) ...A @skip(if: false) } fragment A on Query { __typename @skip(if: false) }', 'The operation has more than 2 directives.'],
  ])('GQL-04: has a limit of %s', async (_, within, beyond, says) => {
    expect(Array.isArray(await ask(within, small))).toBe(false)
    expect(await ask(beyond, small)).toEqual([says])
  }) // biome-ignore format: a table

  it('GQL-04: is measured quickly, however often its fragments spread each other', async () => {
    const chain = times(60, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)
    const began = performance.now()
    const answer = await ask(`{ ...F0 } ${chain} fragment F60 on Query { __typename }`)
    expect(answer).toEqual(['The operation has more than 500 fields.'])
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it('GQL-04: ends where fragments go in a circle', async () => {
    const circle = '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'
    expect(await ask(circle)).toEqual(['Cannot spread fragment "A" within itself via "B".'])
  })

  it('GQL-04: is not accepted in an array', async () => {
    const response = await app.send([{ query: '{ __typename }' }])
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ message: 'Batching is not supported.' }] },
    ])
  })

  it('GQL-04: is read up to a number of bytes, declared or not: 413', async () => {
    const body = JSON.stringify({ query: `{ __typename } # ${'x'.repeat(6000)}` })
    expect((await post(body, JSON_BODY, small)).status).toBe(413)
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body))
        controller.close()
      },
    })
    const init = { method: 'POST', headers: JSON_BODY, body: stream, duplex: 'half' } as const
    expect((await fetch(small.url, init)).status).toBe(413)
    const chunked = { ...init, body: new Blob(['{"query":', '"{ __typename }"}']).stream() }
    expect(await (await fetch(small.url, chunked)).json()).toEqual({ data: { __typename: 'Query' } })
    expect((await app.send({ query: `{ __typename } # ${'x'.repeat(90_000)}` })).status).toBe(200)
    expect((await app.send({ query: `{ __typename } # ${'x'.repeat(100_000)}` })).status).toBe(413)
  })

  it.each([
    ['login', (alias: string) => `${alias}: login(username: "ada", password: "x") { expiresIn }`],
    ['refresh', (alias: string) => `${alias}: refresh { expiresIn }`],
    ['logout', (alias: string) => `${alias}: logout`],
    ['revoke', (alias: string) => `${alias}: revoke(token: "x")`],
  ])('GQL-05: asks for %s once, under whatever aliases, fragments and conditions', async (name, field) => {
    const refused = [`"${name}" can be asked for only once in an operation.`]
    for (const document of [
      `mutation { ${field(name)} ${field('again')} }`,
      `mutation { ${field('one')} ... { ${field('two')} } }`,
      `mutation { ${field('one')} ...F } fragment F on Mutation { ...G } fragment G on Mutation { ${field('two')} }`,
      `mutation { ${field('one')} ... @skip(if: true) { ${field('two')} } }`,
    ]) {
      expect(await ask(document)).toEqual(refused)
    }
    const body = (await (await app.send({ query: `mutation { ${field('one')} }` })).json()) as object
    expect(JSON.stringify(body)).not.toContain('only once')
  })

  it('GQL-05: is judged by itself, whatever other operations are in its document', async () => {
    expect(await ask('mutation A { revoke(token: "x") } query B { __typename }')).toContain(
      'Could not determine what operation to execute.',
    )
    const query = `${REVOKE.replace('mutation', 'mutation A')} ${REVOKE.replace('mutation', 'mutation B')}`
    const response = await app.send({ query, operationName: 'A' })
    expect(await response.json()).toEqual({ data: { revoke: true } })
  })
})

describe('in production', () => {
  let production: App
  beforeAll(async () => {
    production = await startApp({ env: PRODUCTION })
  })
  afterAll(() => production[Symbol.asyncDispose]())

  it('GQL-06: nobody is shown the schema', async () => {
    const messages = (await ask(getIntrospectionQuery(), production)) as string[]
    expect(messages[0]).toMatch(/^GraphQL introspection has been disabled/)
    expect(await ask('{ __type(name: "User") { name } }', production)).toEqual([
      expect.stringMatching(/disabled/),
    ])
    expect(await ask('{ __typename }', production)).toEqual({ __typename: 'Query' })
    expect(await ask(getIntrospectionQuery())).toHaveProperty('__schema')
  })

  it.each([
    ['{ profil }', 'Cannot query field "profil" on type "Query".'],
    ['mutation { revoke(tokem: "x") }', 'Unknown argument "tokem" on field "Mutation.revoke".'],
    ['query ($a: Strin) { __typename @include(if: $a) }', 'Unknown type "Strin".'],
  ])('GQL-06: %s gets no suggestions', async (document, says) => {
    const messages = (await ask(document, production)) as string[]
    expect(messages).toContain(says)
    expect(messages.join()).not.toContain('Did you mean')
    expect(((await ask(document)) as string[]).join()).toContain('Did you mean')
  })

  it('GQL-06: nor anywhere else is a stack, a file or a cause shown', async () => {
    for (const at of [app, production]) {
      const broken = [
        await post('{bad', JSON_BODY, at),
        await post('"text"', JSON_BODY, at),
        await post('null', JSON_BODY, at),
        await at.send({ query: 5 }),
        await at.send({ query: '{' }),
        await at.send({ query: '{ __typename }', variables: 'x' }),
        await fetch(`${at.url}?query=%7B__typename%7D&variables=%7Bbad`),
        await fetch(at.url, { method: 'PUT' }),
      ]
      await at.store.close()
      broken.push(
        await at.send({ query: 'mutation { login(username: "ada", password: "x") { expiresIn } }' }),
      )
      for (const response of broken) {
        const text = await response.text()
        if (response.status < 400) expect(JSON.parse(text)).not.toHaveProperty('data')
        expect(text).not.toMatch(/\bat .*:\d+:\d+|stack|originalError|node_modules|\.ts\b|the memory store/)
      }
    }
    await production[Symbol.asyncDispose]()
    await app[Symbol.asyncDispose]()
    ;[app, production] = [await startApp(), await startApp({ env: PRODUCTION })]
  })
})

describe('GQL-10: a value that a client sends', () => {
  const LOGIN = 'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { expiresIn } }'
  const SECRET = 'hunter2'

  it.each<[what: string, request: object | string]>([
    ['in a variable of the wrong type', { query: LOGIN, variables: { u: 'ada', p: [SECRET, SECRET] } }],
    ['in a variable of an unknown shape', { query: LOGIN, variables: { u: { [SECRET]: SECRET }, p: 5 } }],
    ['in a token of the wrong type', { query: 'mutation ($t: String!) { revoke(token: $t) }', variables: { t: { token: SECRET } } }],
    ['in a variable that nobody asked for', { query: '{ __typename }', variables: { [SECRET]: SECRET } }],
    ['without quotes', { query: `mutation { revoke(token: ${SECRET}) }` }],
    ['in a list', { query: `mutation { revoke(token: ["${SECRET}"]) }` }],
    ['where a name belongs', { query: `mutation { revoke("${SECRET}") }` }],
    ['in a block string where a name belongs', { query: `mutation { revoke("""${SECRET}""") }` }],
    ['twice', { query: `mutation { revoke(token: "x" "${SECRET}") }` }],
    ['after a line end, where a name belongs', { query: `mutation { revoke("x\\n${SECRET}") }` }],
    ['in a block string of two lines where a name belongs', { query: `mutation { revoke("""x\n${SECRET}""") }` }],
    ['in a string that does not end', { query: `mutation { revoke(token: "${SECRET}` }],
    ['as a constant variable', { query: `query ($a: String = $${SECRET}) { __typename }` }],
    ['in JSON that is none', `{ "${SECRET} `],
    ['in JSON that ends early', `{ "password": "${SECRET}" ${SECRET}`],
    ['as a wrong password', { query: LOGIN, variables: { u: SECRET, p: SECRET } }],
    ['as a wrong default', { query: `mutation ($t: String! = 5, $u: Int = "${SECRET}") { revoke(token: $t) }` }],
  ])('%s is not repeated', async (_, request) => {
    const body = typeof request === 'string' ? request : JSON.stringify(request)
    const response = await post(body, JSON_BODY)
    const text = await response.text()
    if (!/nobody asked/.test(_)) expect(text).toContain('"errors"')
    expect(text).not.toContain(SECRET)
  }) // biome-ignore format: a table

  it.each([
    ['"\\uSECR"', 'Invalid Unicode escape sequence.'],
    ['"\\u{SECRETSECRET"', 'Invalid Unicode escape sequence.'],
    ['"\\u{110000}"', 'Invalid Unicode escape sequence.'],
    ['"\\uD83DSECR"', 'Invalid Unicode escape sequence.'],
    ['"\\S"', 'Invalid character escape sequence.'],
    ['"\ud800"', 'Invalid character within String.'],
    ['"""\ud800"""', 'Invalid character within String.'],
    ['073', 'Invalid number, unexpected digit after 0.'],
    ['1.S', 'Invalid number, expected digit but got.'],
    ['7S', 'Invalid number, expected digit but got.'],
    ['-S', 'Invalid number, expected digit but got.'],
    ['.73', expect.stringMatching(/^(Unexpected character|Invalid number, expected digit before "\.")\.$/)],
    ['pass;word', 'Unexpected character.'],
    ["'secret'", expect.stringContaining('Unexpected single quote character')],
  ])('of which a literal cannot be read is not repeated in part: %s', async (literal, says) => {
    const [message, ...others] = (await ask(`mutation { revoke(token: ${literal}) }`)) as string[]
    expect([message?.replace('Syntax Error: ', ''), others]).toEqual([says, []])
  })

  it('is told from a value that is missing, and its variable is named', async () => {
    const messages = async (variables: object) => {
      const { errors } = (await (await app.send({ query: LOGIN, variables })).json()) as {
        errors: { message: string }[]
      }
      return errors.map(({ message }) => message)
    }
    expect(await messages({ u: 5 })).toEqual([
      'The value of "$u" is not of the type "String!".',
      'Variable "$p" of required type "String!" was not provided.',
    ])
  })

  it('is in no log line, at whatever level', async () => {
    await using server = await startServerProcess({ env: { LOG_LEVEL: 'trace' } })
    const token = (await server.login()).accessToken
    const requests = [
      server.query(LOGIN, { variables: { u: SECRET, p: SECRET } }),
      server.query(LOGIN, { variables: { u: 'x', p: [SECRET] } }),
      server.query(`mutation { revoke(token: ${SECRET}) }`),
      server.query('mutation ($t: String!) { revoke(token: $t) }', { variables: { t: token } }),
      server.query('mutation ($t: String!) { revoke(token: $t) }', { variables: { t: [token] } }),
      server.query('{ profile }', { token }),
      server.query('{ profile }', { token: SECRET }),
      fetch(`${server.url}/graphql?query=%7B__typename%7D&variables=%7B${SECRET}`),
    ]
    await Promise.all(requests)
    await server.end('SIGTERM')
    expect(server.output()).not.toContain(SECRET)
    expect(server.output()).not.toContain(token.slice(-20))
  })
})

describe("graphql-http's audits", () => {
  /** What the audit asks for, and why the server does otherwise. */
  const EXCEPTIONS: Readonly<Record<string, string>> = {}
  const audits = serverAudits({ url: () => app.url })

  it('are those that they were when this was written', () => {
    expect(audits.length).toBeGreaterThan(50)
  })

  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))(
    '%s: %s',
    async (id, name, audit) => {
      const { status, ...rest } = await audit.fn()
      const reason = 'reason' in rest ? rest.reason : undefined
      if (name.startsWith('MAY')) return
      expect([status, status === 'ok' ? undefined : (EXCEPTIONS[id] ?? reason)]).toEqual(['ok', undefined])
    },
  )
})
