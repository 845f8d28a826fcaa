import { type AuthAudit, audit, hold, skip } from './audit.ts'
import type { AuditedServer } from './audited-server.ts'
import {
  type Forged,
  otherAlgorithms,
  signedWith,
  unsigned,
  wronglyClaimed,
  wronglySigned,
} from './forgeries.ts'
import { proofs } from './proofs.ts'

/** Which tokens open anything. */
export function tokenAudits(server: AuditedServer): readonly AuthAudit[] {
  const { query } = server.settings
  const proven = proofs(server)
  /** Each of a list of tokens is refused. */
  const refused = async (tokens: readonly Forged[]): Promise<string> => {
    for (const { name, token } of tokens) {
      const { isGranted } = await server.ask(query, { token })
      hold(!isGranted, `opened the query: a token with ${name}`)
    }
    return `${tokens.length} refused`
  }
  const forged = async (forge: (token: string) => readonly Forged[]): Promise<string> =>
    refused(forge(await server.goodToken()))
  return [
    audit('good-token', 'MUST answer whoever brings a good token', async () => {
      server.given('login')
      if (await server.isQueryGuarded()) await server.goodToken()
      else skip('the query is answered without a token')
      return 'a token of a new login opens the query'
    }),
    audit('token-per-login', 'SHOULD give each login a token of its own', async () => {
      const login = server.given('login')
      // Of three in a row two are in the same second.
      const tokens = new Set([await login(), await login(), await login()])
      hold(tokens.size === 3, 'logins of one second have the same token, so that no logout tells them apart')
      return 'three logins in a row, three tokens'
    }),
    audit('missing-token', 'MUST refuse whoever brings no token', async () => {
      const called = server.called('query')
      hold(
        await server.isQueryGuarded(),
        `answered without a token; is ${called} a query that needs a login?`,
      )
      await server.goodHeaders()
      const { isGranted } = await server.ask(query)
      hold(!isGranted, 'answered without a token')
      return 'refused'
    }),
    audit('garbage-token', 'MUST refuse what is no token', async () => {
      await server.goodToken()
      return refused(GARBAGE)
    }),
    audit('tampered-signature', 'MUST refuse a token whose signature was changed', () =>
      forged(wronglySigned),
    ),
    audit('tampered-claims', 'MUST refuse a token whose claims were changed', () => forged(wronglyClaimed)),
    audit('alg-none', 'MUST refuse a token that says it needs no signature', () => forged(unsigned)),
    audit('alg-swapped', 'MUST refuse a token that names another algorithm', () => forged(otherAlgorithms)),
    audit('known-secret', 'MUST refuse a token signed with a secret that everybody knows', () =>
      forged((token) => signedWith(token, KNOWN_SECRETS)),
    ),
    audit('public-key-as-secret', 'MUST refuse a token signed with the public key as secret', async () => {
      const pem = server.given('publicKey')
      const spelt = { 'the PEM as secret': pem, 'the trimmed PEM as secret': pem.trim() }
      return forged((token) => signedWith(token, spelt))
    }),
    audit('expired-token', 'MUST refuse an expired token', async () => {
      const { token, doubt } = await proven.expired()
      await server.goodToken()
      return (await refused([{ name: 'an expiry that has passed', token }])) + doubt
    }),
    audit('wrong-type', 'MUST refuse a good token of another type', async () => {
      const { token, doubt } = await proven.wrongType()
      await server.goodToken()
      return (await refused([{ name: 'another type', token }])) + doubt
    }),
  ]
}

/** Texts that are no token of anybody's. */
export const GARBAGE: readonly Forged[] = [
  { name: 'nothing in it', token: '' },
  { name: 'one word', token: 'garbage' },
  { name: 'the word null', token: 'null' },
  { name: 'the word undefined', token: 'undefined' },
  { name: 'three empty segments', token: '..' },
  { name: 'three words', token: 'a.b.c' },
  { name: 'five segments', token: 'a.b.c.d.e' },
  { name: 'JSON for segments', token: 'e30.e30.e30' },
  { name: 'null for segments', token: 'bnVsbA.bnVsbA.bnVsbA' },
  { name: 'quotes', token: '"quoted", error="none"' },
  { name: 'ten thousand characters', token: 'A'.repeat(10_000) },
]

/** What examples use, and nothing at all. */
const KNOWN_SECRETS: Readonly<Record<string, string>> = Object.fromEntries(
  ['', 'secret', 'password', 'changeme', 'your-256-bit-secret', 'a-string-secret-at-least-256-bits-long'].map(
    (secret) => [secret === '' ? 'an empty secret' : `the secret "${secret}"`, secret],
  ),
)
