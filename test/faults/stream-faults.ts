import type { Fault } from './faults.ts'

const STREAM = 'src/graphql/ended-stream.ts'
const LIFETIME = 'src/graphql/lifetime.ts'
const ENDS = 'src/core/token-ends.ts'
const EXPIRIES = 'src/core/expiries.ts'
const STREAM_TEST = 'test/graphql/ended-stream.test.ts'
const OPERATIONS = 'src/graphql/socket-operations.ts'
const SOCKETS_TEST = 'test/graphql/graphql-ws.test.ts'
const ENDS_TEST = 'test/core/token-ends.test.ts'

/** Ways in which a stream can outlive its token, or leave something behind. */
export const STREAM_FAULTS: readonly Fault[] = [
  {
    name: 'a stream: it ends without a word',
    file: STREAM,
    find: 'this.#lastWords = this.#parts.lastWords(refusal)',
    replace: 'void this.#parts.lastWords(refusal)',
    test: STREAM_TEST,
    title: /says its last words to who comes later/,
  },
  {
    name: 'a stream: its source is not told to return',
    file: STREAM,
    find: 'this.#source.return?.()?.then',
    replace: 'Promise.resolve().then',
    test: STREAM_TEST,
    title: /says its last words once, to the first of those who wait/,
  },
  {
    name: 'a stream: what its source fails with is taken for its end',
    file: STREAM,
    find: '        this.#dismiss(reader)\n        this.#finish()',
    replace: '        this.#finish()',
    test: STREAM_TEST,
    title: /hands on what its source fails with/,
  },
  {
    name: 'a stream: whoever has left is still told of the end of its token',
    file: STREAM,
    find: 'this.#release?.()',
    replace: 'void this.#release',
    test: STREAM_TEST,
    title: /is left by return/,
  },
  {
    name: 'a stream: it ends with its first token alone, and not with one that it was granted something by later',
    file: STREAM,
    find: 'if (result.done !== true) this.#parts.lifetime.follow()',
    replace: 'if (result.done !== true) void this.#parts.lifetime',
    test: STREAM_TEST,
    title: /follows what an event was granted by/,
  },
  {
    name: 'a stream: an operation that is over follows its token on',
    file: LIFETIME,
    find: 'else if (this.#isClosed) this.#abort.abort()',
    replace: 'else if (this.#isClosed && this.#isTold) this.#abort.abort()',
    test: STREAM_TEST,
    title: /that is over is aborted, and holds nothing/,
  },
  {
    name: 'the end of tokens: a session ends nobody',
    file: ENDS,
    find: "return [nameOf('token', issuer, jti), nameOf('session', issuer, sid), nameOf('subject', issuer, sub)]",
    replace: "return [nameOf('token', issuer, jti), nameOf('subject', issuer, sub)]",
    test: ENDS_TEST,
    title: /is told once that its session/,
  },
  {
    name: 'the end of tokens: a later token ends with the earlier ones of its subject',
    file: ENDS,
    find: "if (kind === 'subject' && holder.token.claims.ue >= epoch) continue",
    replace: "if (kind === 'subject' && holder.token.claims.ue > epoch) continue",
    test: ENDS_TEST,
    title: /its session, the token itself, or all of its subject/,
  },
  {
    name: 'the end of tokens: what the log told between a check and the waiting is missed',
    file: ENDS,
    find: 'if (log.knows(identityOf(token.claims)))',
    replace: 'if (log.knows(identityOf(token.claims)) && this.#size < 0)',
    test: ENDS_TEST,
    title: /is told before it waits, where the log said so/,
  },
  {
    name: 'the end of tokens: a callback that does not answer ends streams',
    file: ENDS,
    find: "if (answer === true || answer.reason !== 'TOKEN_REVOKED') return",
    replace: 'if (answer === true) return',
    test: ENDS_TEST,
    title: /by a callback that changes its mind/,
  },
  {
    name: 'the end of tokens: one that is sooner than the first waits for it',
    file: EXPIRIES,
    find: 'if (second < this.#next) this.#waitFor(second)',
    replace: 'if (this.#timer === undefined) this.#waitFor(second)',
    test: ENDS_TEST,
    title: /is told in its second, in order/,
  },
  {
    name: 'WebSockets: an operation takes the id of one that is still ending',
    file: OPERATIONS,
    find: 'if (this.#running.has(id)) return',
    replace: "if (this.#running.has('')) return",
    test: SOCKETS_TEST,
    title: /an operation that is completed while it begins .*keeps its id until it has ended/,
  },
  {
    name: 'WebSockets: what begins is not told that its client has left',
    file: OPERATIONS,
    find: 'abandon(contextValue)',
    replace: 'void contextValue',
    test: SOCKETS_TEST,
    title: /a client that leaves while its source begins/,
  },
  {
    name: 'WebSockets: what its client completed begins all the same',
    file: 'src/graphql/adapters/graphql-ws.ts',
    find: 'if (waits.get(context)?.() === false) return',
    replace: 'if (context === undefined) return',
    test: SOCKETS_TEST,
    title: /an operation that is completed while it begins .*does not run/,
  },
  {
    name: 'operations over WebSockets share the context that the user gives them',
    file: 'src/graphql/adapters/graphql-ws.ts',
    find: 'const context = isBehind ? given : ownContext(given)',
    replace: 'const context = given as object',
    test: 'test/graphql/graphql-ws.test.ts',
    title: /one context that a function gives/,
  },
  {
    name: 'WebSockets: whoever sends a document with mistakes makes an error of the server',
    file: 'src/graphql/adapters/graphql-ws.ts',
    find: 'if (error instanceof GraphQLError) return [error]',
    replace: 'if (error === undefined) return []',
    test: SOCKETS_TEST,
    title: /what clients do wrong .*is answered/,
  },
  {
    name: 'WebSockets: a connection whose token has ended is cut although an operation with a token of its own works',
    file: 'src/graphql/adapters/graphql-ws.ts',
    find: 'lives.get(connection)?.started(id, payload?.extensions)',
    replace: 'void payload?.extensions',
    test: SOCKETS_TEST,
    title: /a connection whose token has ended .*stays open for an operation with a token of its own/,
  },
  {
    name: 'WebSockets: a connection whose token has ended is looked at once alone',
    file: 'src/graphql/socket-life.ts',
    find: 'this.#timer = undefined',
    replace: 'void this.#timer',
    test: SOCKETS_TEST,
    title: /a connection whose token has ended .*is closed after the last of those/,
  },
]
