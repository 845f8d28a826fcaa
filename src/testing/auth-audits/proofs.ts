import { text } from '../../core/option-checks.ts'
import { skip } from './audit.ts'
import type { AuditedServer, LoginHeaders } from './audited-server.ts'
import { claimsOf } from './forgeries.ts'
import { hasValue } from './reading.ts'
import { isRefusal } from './refusal.ts'
import type { ReadDocument } from './settings.ts'

/** A token that was given, and what cannot be told of it. */
export interface GivenToken {
  readonly token: string
  /** The end of a reason; empty where it can be told that it was good for something once. */
  readonly doubt: string
}

/**
 * What makes the refusal of something say something: a document is one that a good login runs, a token one that was good once. Each is asked for right
 * before it is used, and whatever cannot be asked ends the audit with the option's name and what the server said.
 */
export interface Proofs {
  /**
   * A mutation that was just run by these headers, such as those of a good login.
   *
   * @param blamed where it is not run
   */
  mutation(headers: LoginHeaders, blamed?: 'mutation' | 'cookieLogin'): Promise<ReadDocument>
  /** What a good login has no right to, and was not told to be mistaken. */
  forbidden(): Promise<ReadDocument>
  /** A query of which a good login has everything. */
  partial(): Promise<ReadDocument>
  /** A token whose time has passed. */
  expired(): Promise<GivenToken>
  /** A token that has not expired. */
  wrongType(): Promise<GivenToken>
}

export function proofs(server: AuditedServer): Proofs {
  return {
    async mutation(headers, blamed = 'mutation') {
      const document = server.given('mutation')
      const reading = await server.ask(document, { headers, granted: hasValue })
      return reading.isGranted ? document : server.unaskable(blamed, reading)
    },
    async forbidden() {
      const document = server.given('forbidden')
      const reading = await server.ask(document, { headers: await server.goodHeaders(), granted: hasValue })
      if (reading.isGranted || isRefusal(reading)) return document
      if (reading.errors.length === 0 && reading.data.length > 0)
        skip('it was answered with no value and no error, which may be a refusal or not')
      return server.unaskable('forbidden', reading)
    },
    async partial() {
      const document = server.given('partial')
      const reading = await server.ask(document, { headers: await server.goodHeaders(), granted: hasValue })
      return reading.isGranted ? document : server.unaskable('partial', reading)
    },
    async expired() {
      const token = await givenToken(server, 'expired')
      const claims = claimsOf(token)
      if (claims === undefined) {
        const isJwt = claimsOf(await server.goodToken()) !== undefined
        if (isJwt) server.unaskable('expired', 'is no signed JWT, as the tokens of logins are')
        return { token, doubt: '; it is no JWT, so nobody can tell whether it ever was good' }
      }
      if (typeof claims.exp !== 'number') server.unaskable('expired', 'has no exp')
      if (!(await hasPassed(server, claims.exp))) server.unaskable('expired', 'its exp has not passed')
      return { token, doubt: '' }
    },
    async wrongType() {
      const token = await givenToken(server, 'wrongType')
      const claims = claimsOf(token)
      if (claims === undefined)
        return { token, doubt: '; it is no JWT, so nobody can tell whether it is good for anything' }
      if (await hasPassed(server, claims.exp))
        server.unaskable('wrongType', 'has expired, so its type tells nothing')
      if (token === (await server.goodToken())) server.unaskable('wrongType', 'is what login resolved with')
      return { token, doubt: '' }
    },
  }
}

/** By the clock of the server: when it answers, or when it said that it logged in. */
async function hasPassed(server: AuditedServer, exp: unknown): Promise<boolean> {
  if (typeof exp !== 'number') return false
  const { iat } = claimsOf(await server.goodToken()) ?? {}
  const { headers } = await server.ask(server.settings.query)
  const times = [Date.parse(headers.date ?? '') / 1000, iat]
  return times.some((time) => typeof time === 'number' && exp <= time)
}

async function givenToken(server: AuditedServer, option: 'expired' | 'wrongType'): Promise<string> {
  const one = server.given(option)
  return text(server.called(option), typeof one === 'string' ? one : await one())
}
