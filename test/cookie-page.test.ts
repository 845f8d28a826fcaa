import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** A server's answer by what it is asked, and all that it was asked. */
interface Sent {
  readonly query: string
  readonly csrf: string
}

// Whoever runs this knows the page: it is the example's.
const AsyncFunction = (async () => {}).constructor as FunctionConstructor
const page = readFileSync('examples/cookies/page.js', 'utf8')

/** The page in a browser that is none: with cookies, a server that answers, and `ask` to send an operation as its buttons do. */
async function open(cookie: string, answer: (query: string, count: number) => object = () => ({ data: {} })) {
  const sent: Sent[] = []
  const element = { addEventListener() {} }
  const document = { cookie, body: { dataset: {} }, querySelector: () => element }
  const fetch = async (
    _url: string,
    { headers, body }: { headers: Record<string, string>; body: string },
  ) => {
    const { query } = JSON.parse(body) as { query: string }
    sent.push({ query, csrf: headers['x-csrf-token'] ?? '' })
    const count = sent.filter((one) => one.query === query).length
    return { json: async () => answer(query, count) }
  }
  class BroadcastChannel {}
  const start = new AsyncFunction('document', 'fetch', 'BroadcastChannel', `${page}\nreturn ask`)
  const ask = (await start(document, fetch, BroadcastChannel)) as (query: string) => Promise<object>
  const shown = sent.splice(0)
  return { ask, sent, shown }
}

it.each([
  ['__Host-csrf_token=real', 'real'],
  ['csrf_token=planted; __Host-csrf_token=real', 'real'],
  ['__Host-csrf_token=real; csrf_token=planted', 'real'],
  ['theme=dark; csrf_token=developing', 'developing'],
  ['my__Host-csrf_token=planted; xcsrf_token=planted', ''],
  ['', ''],
])('with the cookies %j the page shows %j', async (cookie, value) => {
  const { shown } = await open(cookie)
  expect(shown).toEqual([{ query: '{ likes me }', csrf: value }])
})

const REFRESH = 'mutation { refresh { expiresIn } }'
const refused = (reason: string, ...path: string[]) => ({ errors: [{ path, extensions: { reason } }] })

it.each([
  ['mutation { like }', refused('TOKEN_EXPIRED', 'like')],
  ['mutation ($name: String!) { login(name: $name) { expiresIn } }', refused('TOKEN_MISSING', 'login')],
  ['{ likes me }', { data: { likes: 1 }, ...refused('TOKEN_MISSING', 'me') }],
  ['query { likes me }', { data: { likes: 1 }, ...refused('TOKEN_MISSING', 'me') }],
])('sends %s again after a refresh', async (document, answer) => {
  const done = { data: { done: true } }
  const { ask, sent } = await open('', (query, count) => (query === document && count === 1 ? answer : done))
  sent.length = 0
  const asked = await ask(document)
  expect(sent.map(({ query }) => query).slice(-2)).toEqual([REFRESH, document])
  expect(asked).toEqual(done)
})

it.each([
  ['mutation { order note }', refused('TOKEN_EXPIRED', 'note')],
  ['mutation { order, note }', refused('TOKEN_MISSING', 'note')],
  ['mutation { a: order(x: ")}") { y } b: note }', refused('TOKEN_EXPIRED', 'b')],
  ['mutation { order { y } note }', refused('TOKEN_EXPIRED', 'note')],
  ['mutation { ...F } fragment F on Mutation { order note }', refused('TOKEN_EXPIRED', 'note')],
  ['mutation { order { note } }', refused('TOKEN_EXPIRED', 'order', 'note')],
  ['# what follows is a\nmutation { order note }', refused('TOKEN_EXPIRED', 'note')],
])(
  'does not send %s again, which may have run, and refreshes for what comes next',
  async (document, answer) => {
    const { ask, sent } = await open('', (query) => (query === document ? answer : { data: {} }))
    expect(await ask(document)).toEqual(answer)
    expect(sent.map(({ query }) => query)).toEqual([document, REFRESH])
  },
)
