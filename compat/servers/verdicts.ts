import type { Caller } from './callers.ts'
import type { Method, Verdict } from './exchange.ts'
import type { InstanceName } from './play.ts'

/** A request as a case has it. */
export interface Sent {
  /** A document, or those of a batch. */
  readonly query: string | readonly string[]
  readonly variables?: Readonly<Record<string, unknown>>
  readonly extensions?: Readonly<Record<string, Caller>>
  /** Who asks, by the Authorization header. */
  readonly as?: Caller
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** Whether the page shows the double-submit value, beside the cookies it got. */
  readonly csrf?: boolean
  readonly method?: Method
}

/** What has to be answered, whatever the server. Requests of one case are sent in turn, by a browser that keeps cookies. */
export interface Case {
  readonly name: string
  readonly instance?: InstanceName
  /** @default over both */
  readonly over?: Method
  readonly sent: Sent | readonly Sent[]
  readonly expected: Verdict | readonly Verdict[]
  /** The resolvers without a rule that ran. */
  readonly ran?: readonly string[]
  /** Whether the answer is the same for everybody, so that a cache may have it. */
  readonly shared?: true
}

const ok = (data: unknown): Verdict => ({ status: 200, reasons: [], data })
const partly = (data: unknown, ...reasons: string[]): Verdict => ({ status: 200, reasons, data })
const missing: Verdict = { status: 401, challenge: 'Bearer', reasons: ['TOKEN_MISSING'], data: null }
const invalid = (...reasons: string[]): Verdict => {
  return { status: 401, challenge: 'Bearer error="invalid_token"', reasons, data: null }
}
const bad = (...reasons: string[]): Verdict => {
  return { status: 400, challenge: 'Bearer error="invalid_request"', reasons, data: null }
}
const lacking = (scope: string, ...reasons: string[]): Verdict => {
  return {
    status: 403,
    challenge: `Bearer error="insufficient_scope", scope="${scope}"`,
    reasons,
    data: null,
  }
}
const unavailable = (...reasons: string[]): Verdict => ({ status: 503, retryAfter: '1', reasons, data: null })
/** Before it was read. */
const away = (status: number): Verdict => ({ status, reasons: [], data: null })
const setting = (verdict: Verdict, ...cookies: string[]): Verdict => ({ ...verdict, cookies })

const ALL = ['__Host-access_token', '__Host-csrf_token', '__Host-refresh_token']
const NONE = ALL.map((name) => `-${name}`)
const LOGIN: Sent = { query: 'mutation { login }' }
const LOGGED_IN = setting(ok({ login: true }), ...ALL)
const STORM = `{ open ${Array.from({ length: 300 }, (_, at) => `a${at}: secret`).join(' ')} }`
const MILD_STORM = `{ open ${Array.from({ length: 300 }, (_, at) => `a${at}: may`).join(' ')} }`
const mild = (value: string | null): Record<string, unknown> => {
  const all = Array.from({ length: 300 }, (_, at) => [`a${at}`, value])
  return { open: 'open', ...Object.fromEntries(all) }
}

const TOKENS: readonly Case[] = [
  {
    name: 'a field without a rule, no token',
    shared: true,
    sent: { query: '{ open }' },
    expected: ok({ open: 'open' }),
  },
  {
    name: 'a field without a rule, a bad token',
    shared: true,
    sent: { query: '{ open }', as: 'garbage' },
    expected: ok({ open: 'open' }),
  },
  { name: 'no token', sent: { query: '{ secret }' }, expected: missing },
  { name: 'a good token', sent: { query: '{ secret }', as: 'good' }, expected: ok({ secret: 'ada' }) },
  {
    name: 'another scheme',
    sent: { query: '{ secret }', headers: { authorization: 'Basic YTpi' } },
    expected: missing,
  },
  {
    name: 'garbage',
    sent: { query: '{ secret }', as: 'garbage' },
    expected: invalid('TOKEN_MALFORMED'),
  },
  {
    name: 'a token under another key',
    sent: { query: '{ secret }', as: 'forged' },
    expected: invalid('TOKEN_INVALID'),
  },
  {
    name: 'claims under the signature of others',
    sent: { query: '{ secret }', as: 'changed' },
    expected: invalid('TOKEN_INVALID'),
  },
  { name: 'alg none', sent: { query: '{ secret }', as: 'algNone' }, expected: invalid('TOKEN_MALFORMED') },
  {
    name: 'another typ',
    sent: { query: '{ secret }', as: 'otherType' },
    expected: invalid('TOKEN_INVALID'),
  },
  {
    name: 'a claim is missing',
    sent: { query: '{ secret }', as: 'noSession' },
    expected: invalid('TOKEN_INVALID'),
  },
  {
    name: 'an expired token',
    sent: { query: '{ secret }', as: 'expired' },
    expected: invalid('TOKEN_EXPIRED'),
  },
  {
    name: 'a token that is not valid yet',
    sent: { query: '{ secret }', as: 'early' },
    expected: invalid('TOKEN_NOT_YET_VALID'),
  },
  {
    name: 'a revoked token',
    sent: { query: '{ secret }', as: 'revoked' },
    expected: invalid('TOKEN_REVOKED'),
  },
  {
    name: 'another spelling of a revoked token',
    sent: { query: '{ secret }', as: 'respelled' },
    expected: invalid('TOKEN_MALFORMED'),
  },
  {
    name: 'a token of a session that ended',
    sent: { query: '{ secret }', as: 'ofEndedSession' },
    expected: invalid('TOKEN_REVOKED'),
  },
  {
    name: 'a token of a subject who is out everywhere',
    sent: { query: '{ secret }', as: 'ofLockedSubject' },
    expected: invalid('TOKEN_REVOKED'),
  },
  {
    name: 'a refresh token where access is asked for',
    sent: { query: '{ secret }', as: 'refresh' },
    expected: invalid('ACCESS_TOKEN_REQUIRED'),
  },
  {
    name: 'an access token where refresh is asked for',
    sent: { query: '{ renew }', as: 'good' },
    expected: invalid('REFRESH_TOKEN_REQUIRED'),
  },
  {
    name: 'a refresh token where it belongs',
    sent: { query: '{ renew }', as: 'refresh' },
    expected: ok({ renew: 'ada' }),
  },
  {
    name: 'an expired refresh token',
    sent: { query: '{ renew }', as: 'expiredRefresh' },
    expected: invalid('TOKEN_EXPIRED'),
  },
  {
    name: 'an issuer where none is configured',
    sent: { query: '{ secret }', as: 'otherIssuer' },
    expected: ok({ secret: 'ada' }),
  },
  {
    name: 'an audience where none is configured',
    sent: { query: '{ secret }', as: 'otherAudience' },
    expected: invalid('TOKEN_INVALID'),
  },
  {
    name: 'the issuer and audience that are configured',
    instance: 'issued',
    sent: { query: '{ secret }', as: 'ofAudience' },
    expected: ok({ secret: 'ada' }),
  },
  {
    name: 'a wrong issuer',
    instance: 'issued',
    sent: { query: '{ secret }', as: 'notOfIssuer' },
    expected: invalid('TOKEN_INVALID'),
  },
  {
    name: 'a wrong audience',
    instance: 'issued',
    sent: { query: '{ secret }', as: 'notForAudience' },
    expected: invalid('TOKEN_INVALID'),
  },
  {
    name: 'two Authorization headers',
    sent: { query: '{ secret }', headers: { authorization: ['Bearer one', 'Bearer two'] } },
    expected: bad('CREDENTIALS_AMBIGUOUS'),
  },
  {
    name: 'the store does not answer',
    instance: 'down',
    sent: { query: '{ secret }', as: 'good' },
    expected: unavailable('REVOCATION_UNAVAILABLE'),
  },
  {
    name: 'partial data while the store does not answer',
    instance: 'down',
    sent: { query: '{ open may }', as: 'good' },
    expected: partly({ open: 'open', may: null }, 'REVOCATION_UNAVAILABLE'),
  },
  {
    name: 'the revocation callback fails',
    instance: 'failing',
    sent: { query: '{ secret }', as: 'good' },
    expected: unavailable('REVOCATION_UNAVAILABLE'),
  },
  {
    name: 'the revocation callback answers no boolean',
    instance: 'vague',
    sent: { query: '{ secret }', as: 'good' },
    expected: unavailable('REVOCATION_UNAVAILABLE'),
  },
]

const RULES: readonly Case[] = [
  {
    name: 'scopes that are missing',
    sent: { query: '{ read }', as: 'good' },
    expected: lacking('read list', 'SCOPES_MISSING'),
  },
  {
    name: 'half of a group of scopes',
    sent: { query: '{ read }', as: 'halfReader' },
    expected: lacking('read list', 'SCOPES_MISSING'),
  },
  {
    name: 'scopes that are there',
    sent: { query: '{ read }', as: 'reader' },
    expected: ok({ read: 'read' }),
  },
  {
    name: 'the other group of scopes',
    sent: { query: '{ read }', as: 'admin' },
    expected: ok({ read: 'read' }),
  },
  {
    name: 'a token that is not fresh',
    sent: { query: '{ fresh }', as: 'good' },
    expected: invalid('FRESH_TOKEN_REQUIRED'),
  },
  { name: 'a fresh token', sent: { query: '{ fresh }', as: 'fresh' }, expected: ok({ fresh: 'fresh' }) },
  { name: 'an optional rule, no token', sent: { query: '{ maybe }' }, expected: ok({ maybe: 'anonymous' }) },
  {
    name: 'an optional rule, a good token',
    sent: { query: '{ maybe }', as: 'good' },
    expected: ok({ maybe: 'ada' }),
  },
  {
    name: 'an optional rule, a bad token beside other data',
    sent: { query: '{ open maybe }', as: 'revoked' },
    expected: partly({ open: 'open', maybe: null }, 'TOKEN_REVOKED'),
  },
  { name: '@optionalToken, no token', sent: { query: '{ handed }' }, expected: ok({ handed: 'none' }) },
  {
    name: '@optionalToken, garbage',
    sent: { query: '{ handed }', as: 'garbage' },
    expected: ok({ handed: 'headers' }),
  },
  {
    name: 'a check in a resolver, a revoked token',
    sent: { query: '{ checked }', as: 'revoked' },
    expected: invalid('TOKEN_REVOKED'),
  },
  {
    name: 'a resolver refuses credentials',
    shared: true,
    sent: { query: '{ wrong }' },
    expected: { status: 401, challenge: 'Bearer', reasons: ['CREDENTIALS_WRONG'], data: null },
  },
  {
    name: 'a resolver refuses for a while',
    shared: true,
    sent: { query: '{ limited }' },
    expected: { status: 429, retryAfter: '30', reasons: ['TOO_MANY_ATTEMPTS'], data: null },
  },
  {
    name: 'partial data',
    sent: { query: '{ open may }' },
    expected: partly({ open: 'open', may: null }, 'TOKEN_MISSING'),
  },
  {
    name: 'nullable fields alone',
    sent: { query: '{ may }' },
    expected: partly({ may: null }, 'TOKEN_MISSING'),
  },
  {
    name: 'a field that may not be null takes its siblings along',
    sent: { query: '{ open secret }' },
    expected: missing,
  },
  {
    name: 'null goes up to the next field that may be null',
    sent: { query: '{ place { name street { name number } } }' },
    expected: partly({ place: null }, 'TOKEN_MISSING'),
  },
  {
    name: 'several kinds of refusal at once',
    sent: { query: '{ mayRead fresh }', as: 'good' },
    expected: invalid('SCOPES_MISSING', 'FRESH_TOKEN_REQUIRED'),
  },
]

const WAYS: readonly Case[] = [
  {
    name: 'through an interface',
    sent: { query: '{ node { __typename id } }' },
    expected: partly({ node: null }, 'TOKEN_MISSING'),
  },
  {
    name: 'through a fragment on the type behind an interface',
    sent: { query: '{ node { ...person } } fragment person on Person { name }' },
    expected: partly({ node: { name: null } }, 'TOKEN_MISSING'),
  },
  {
    name: 'through a list',
    sent: { query: '{ nodes { ... on Person { name } } }' },
    expected: partly({ nodes: [{ name: null }, { name: null }] }, 'TOKEN_MISSING', 'TOKEN_MISSING'),
  },
  {
    name: 'through a union',
    sent: { query: '{ any { ... on Safe { gold } ... on Street { name } } }' },
    expected: partly({ any: [{ gold: null }, { name: 'Lane' }] }, 'TOKEN_MISSING'),
  },
  {
    name: 'through an alias',
    sent: { query: '{ open: may }' },
    expected: partly({ open: null }, 'TOKEN_MISSING'),
  },
  {
    name: 'under a directive of the caller',
    sent: { query: 'query ($yes: Boolean = true) { may @include(if: $yes) }' },
    expected: partly({ may: null }, 'TOKEN_MISSING'),
  },
  {
    name: '__typename stays open',
    shared: true,
    sent: { query: '{ any { __typename } }' },
    expected: ok({ any: [{ __typename: 'Safe' }, { __typename: 'Street' }] }),
  },
  {
    name: 'all of them with a good token',
    sent: { query: '{ node { id } any { ... on Safe { gold } } may: secret }', as: 'good' },
    expected: ok({ node: { id: '1' }, any: [{ gold: 'gold' }, {}], may: 'ada' }),
  },
  {
    name: 'a guarded argument that is given',
    sent: { query: '{ find(hidden: "x") }' },
    expected: partly({ find: null }, 'TOKEN_MISSING'),
  },
  {
    name: 'a guarded argument that is null',
    sent: { query: 'query ($value: String) { find(hidden: $value) }', variables: { value: null } },
    expected: partly({ find: null }, 'TOKEN_MISSING'),
  },
  {
    name: 'a guarded argument that is left out',
    shared: true,
    sent: { query: '{ find(by: "x") }' },
    expected: ok({ find: 'found' }),
  },
  {
    name: 'a guarded field of an input, deep inside a variable',
    sent: {
      query: 'query ($filter: Filter) { search(filter: $filter) }',
      variables: { filter: { nested: { owner: 'x' } } },
    },
    expected: partly({ search: null }, 'TOKEN_MISSING'),
  },
  {
    name: 'a guarded field of an input with a good token',
    sent: { query: '{ search(filter: { owner: "x" }) }', as: 'good' },
    expected: ok({ search: 'found' }),
  },
  {
    name: '300 aliases of a field that may be null',
    over: 'POST',
    sent: { query: MILD_STORM, as: 'expired' },
    expected: partly(mild(null), ...Array.from({ length: 300 }, () => 'TOKEN_EXPIRED')),
  },
  {
    name: '300 aliases with a good token',
    over: 'POST',
    sent: { query: MILD_STORM, as: 'good' },
    expected: ok(mild('may')),
  },
  {
    name: '300 aliases of a field that may not be null',
    over: 'POST',
    sent: { query: STORM },
    expected: missing,
  },
]

const OPERATIONS: readonly Case[] = [
  {
    name: 'a mutation without a token',
    over: 'POST',
    sent: { query: 'mutation { open change }' },
    expected: missing,
    ran: ['open'],
  },
  {
    name: 'a mutation with a good token',
    over: 'POST',
    sent: { query: 'mutation { change }', as: 'good' },
    expected: ok({ change: 'change' }),
    ran: ['change'],
  },
  {
    name: 'a logout first, in one mutation',
    over: 'POST',
    sent: { query: 'mutation { logout change }', as: 'good' },
    expected: invalid('TOKEN_REVOKED'),
    ran: [],
  },
  {
    name: 'a logout, and the same token after it',
    over: 'POST',
    sent: [
      { query: 'mutation { logout }', as: 'good' },
      { query: '{ secret }', as: 'good' },
    ],
    expected: [ok({ logout: true }), invalid('TOKEN_REVOKED')],
  },
  {
    name: 'a mutation over GET',
    over: 'GET',
    sent: { query: 'mutation { change }', as: 'good' },
    expected: { status: 405, reasons: [], data: null },
    ran: [],
  },
  {
    name: 'a batch, no token',
    over: 'POST',
    instance: 'batching',
    sent: { query: ['{ open }', '{ secret }'] },
    expected: { status: 200, reasons: ['TOKEN_MISSING'], data: [{ open: 'open' }, null] },
  },
  {
    name: 'a batch, refused altogether',
    over: 'POST',
    instance: 'batching',
    sent: { query: ['{ secret }', '{ read }'], as: 'expired' },
    expected: { status: 200, reasons: ['TOKEN_EXPIRED', 'TOKEN_EXPIRED'], data: [null, null] },
  },
  {
    name: 'a batch, a login in it',
    over: 'POST',
    instance: 'cookieBatching',
    sent: { query: ['{ open }', 'mutation { login }', '{ maybe }'] },
    expected: setting(ok([{ open: 'open' }, { login: true }, { maybe: 'anonymous' }]), ...ALL),
  },
  {
    name: 'a batch, a good token',
    over: 'POST',
    instance: 'batching',
    sent: { query: ['{ secret }', '{ may }', 'mutation { change }'], as: 'good' },
    expected: ok([{ secret: 'ada' }, { may: 'may' }, { change: 'change' }]),
  },
  {
    name: 'an operation as a whole, refused',
    instance: 'whole',
    sent: { query: '{ open may read }', as: 'good' },
    expected: lacking('read list', 'SCOPES_MISSING'),
    ran: [],
  },
  {
    name: 'an operation as a whole, refused a second time',
    instance: 'whole',
    sent: [{ query: '{ open may }' }, { query: '{ open other: may }' }],
    expected: [missing, missing],
    ran: [],
  },
  {
    name: 'an operation as a whole, admitted',
    instance: 'whole',
    sent: { query: '{ open read }', as: 'reader' },
    expected: ok({ open: 'open', read: 'read' }),
    ran: ['open'],
  },
  {
    name: 'a mutation as a whole, refused',
    instance: 'whole',
    over: 'POST',
    sent: { query: 'mutation { open change }' },
    expected: missing,
    ran: [],
  },
  {
    name: 'the schema as it is',
    shared: true,
    sent: { query: '{ __type(name: "Safe") { fields { name } } }' },
    expected: ok({ __type: { fields: [{ name: 'gold' }] } }),
  },
  {
    name: 'the schema as a caller sees it, no token',
    instance: 'caller',
    sent: [{ query: '{ open may }' }, { query: '{ __type(name: "Safe") { name } }' }],
    expected: [partly({ open: 'open', may: null }, 'TOKEN_MISSING'), ok({ __type: null })],
  },
  {
    name: 'the schema as a caller sees it, a good token',
    instance: 'caller',
    sent: { query: '{ __type(name: "Safe") { name } }', as: 'good' },
    expected: ok({ __type: { name: 'Safe' } }),
  },
  {
    name: 'the schema as a caller sees it, a revoked token',
    instance: 'caller',
    sent: { query: '{ __type(name: "Safe") { name } }', as: 'revoked' },
    expected: invalid('TOKEN_REVOKED'),
  },
  {
    name: 'the schema beside other fields',
    instance: 'caller',
    sent: { query: '{ open __type(name: "Safe") { name } }' },
    expected: { status: 400, reasons: [], data: null },
    ran: [],
  },
  {
    name: 'a token in the extensions of the request',
    instance: 'json',
    over: 'POST',
    sent: { query: '{ secret }', extensions: { access_token: 'good' } },
    expected: ok({ secret: 'ada' }),
  },
  {
    name: 'a token in the URL of a GET, which is no place for one',
    instance: 'json',
    over: 'GET',
    sent: { query: '{ secret }', extensions: { access_token: 'good' } },
    expected: missing,
  },
  {
    name: 'a revoked token in the extensions of the request',
    instance: 'json',
    over: 'POST',
    sent: { query: '{ secret }', extensions: { access_token: 'revoked' } },
    expected: invalid('TOKEN_REVOKED'),
  },
]

const COOKIES: readonly Case[] = [
  { name: 'a login sets cookies', instance: 'cookies', over: 'POST', sent: LOGIN, expected: LOGGED_IN },
  {
    name: 'a query by cookies',
    instance: 'cookies',
    over: 'POST',
    sent: [LOGIN, { query: '{ secret }', csrf: true }],
    expected: [LOGGED_IN, ok({ secret: 'ada' })],
  },
  {
    name: 'a GET by cookies needs no double-submit value',
    instance: 'cookies',
    over: 'POST',
    sent: [LOGIN, { query: '{ secret }', csrf: false, method: 'GET' }],
    expected: [LOGGED_IN, ok({ secret: 'ada' })],
  },
  {
    name: 'a mutation by cookies without the double-submit value',
    instance: 'cookies',
    over: 'POST',
    sent: [LOGIN, { query: 'mutation { change }', csrf: false }],
    expected: [LOGGED_IN, { status: 403, reasons: ['CSRF_MISSING'], data: null }],
    ran: [],
  },
  {
    name: 'a mutation by cookies with a wrong double-submit value',
    instance: 'cookies',
    over: 'POST',
    sent: [LOGIN, { query: 'mutation { change }', csrf: false, headers: { 'x-csrf-token': 'wrong' } }],
    expected: [LOGGED_IN, { status: 403, reasons: ['CSRF_MISMATCH'], data: null }],
    ran: [],
  },
  {
    name: 'a refresh by cookies',
    instance: 'cookies',
    over: 'POST',
    sent: [LOGIN, { query: 'mutation { refresh }', csrf: true }],
    expected: [LOGGED_IN, setting(ok({ refresh: true }), ...ALL)],
  },
  {
    name: 'a logout takes the cookies away',
    instance: 'cookies',
    over: 'POST',
    sent: [LOGIN, { query: 'mutation { logout }', csrf: true }, { query: '{ secret }', csrf: true }],
    expected: [LOGGED_IN, setting(ok({ logout: true }), ...NONE), missing],
  },
  {
    name: 'a page of another origin',
    instance: 'cookies',
    over: 'POST',
    sent: [LOGIN, { query: 'mutation { open }', csrf: true, headers: { origin: 'https://evil.example' } }],
    expected: [LOGGED_IN, away(403)],
    ran: [],
  },
  {
    name: 'a page of another site, by the word of its browser',
    instance: 'cookies',
    sent: { query: '{ open }', headers: { 'sec-fetch-site': 'cross-site' } },
    expected: away(403),
    ran: [],
  },
  {
    name: 'a page of an origin that is named',
    instance: 'cookies',
    over: 'POST',
    sent: { ...LOGIN, headers: { origin: 'https://app.example' } },
    expected: LOGGED_IN,
  },
  {
    name: 'a form',
    instance: 'cookies',
    over: 'POST',
    sent: { query: 'mutation { open }', headers: { 'content-type': 'text/plain' } },
    expected: away(415),
    ran: [],
  },
]

const SERVER: readonly Case[] = [
  {
    name: "a refusal in the context function of one's own",
    shared: true,
    instance: 'strict',
    sent: { query: '{ open }', as: 'revoked' },
    expected: invalid('TOKEN_REVOKED'),
    ran: [],
  },
]

export const CASES: readonly Case[] = [...TOKENS, ...RULES, ...WAYS, ...OPERATIONS, ...COOKIES, ...SERVER]
