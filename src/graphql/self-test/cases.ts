import type { TokenType } from '../../core/claims.ts'
import type { RefusalReason } from '../../core/refusal.ts'
import { addRequirement, type NothingLeft, type Requirement } from '../../core/requirement.ts'
import { type ScopeGroups, satisfies } from '../../core/scopes.ts'
import { demandsOf, type InputRules } from '../input-rules.ts'
import type { FieldRule } from '../policy.ts'
import type { Brought, Caller } from './callers.ts'
import { type Arguments, type Place, placesIn } from './places.ts'

/** What becomes of a call: it is answered, refused with a reason, or ends as an error of the app's wiring. */
export type Outcome = 'answers' | 'misconfigured' | RefusalReason

/** One way to call a field, and what has to become of it. */
export interface Case {
  readonly name: string
  /** Undefined: the context is not this instance's. */
  readonly caller: Caller | undefined
  readonly args: Arguments
  readonly expected: Outcome
}

/** What calls by a rule depend on beside it. */
export interface CaseSettings {
  /** The types of token that a cookie carries and that something has to be shown back for. */
  readonly provenCookies: readonly TokenType[]
  /** Every scope that a rule of the schema names. */
  readonly scopes: readonly string[]
}

/** Everything that is tried on a field with a rule: each way to have less than it asks for, then all of it. */
export function casesOf(rule: FieldRule, settings: CaseSettings): Case[] {
  const { requirement, optionalToken, inputs } = rule
  const outside: Case = {
    name: 'without the context',
    caller: undefined,
    args: {},
    expected: 'misconfigured',
  }
  const own =
    requirement === undefined
      ? [{ name: 'anonymous', caller: {}, args: {}, expected: 'answers' } as const]
      : casesOfRequirement({ requirement, others: [], args: {}, where: '', known: settings.scopes })
  const places = inputs === undefined ? [] : placesIn(inputs)
  const types = new Set([requirement?.type, optionalToken])
  return [
    outside,
    ...own,
    ...settings.provenCookies.filter((type) => types.has(type)).flatMap(casesOfCookie),
    ...places.flatMap((place) => casesOfValue(place, inputs as InputRules, requirement, settings.scopes)),
  ]
}

/** A rule, and what it takes that it is asked. */
interface Asked {
  readonly requirement: Requirement
  /** What has to be satisfied before. */
  readonly others: readonly Requirement[]
  readonly args: Arguments
  /** Added to the names of the cases. */
  readonly where: string
  /** {@link CaseSettings.scopes} */
  readonly known: readonly string[]
}

function casesOfRequirement({ requirement, others, args, where, known }: Asked): Case[] {
  const { type, fresh, scopes, optional, ...more } = requirement
  more satisfies NothingLeft
  const full = satisfying([...others, requirement])
  const ofType = others.filter((other) => other.type === type)
  const make = (name: string, caller: Caller, expected: Outcome): Case => ({
    name: `${name}${where}`,
    caller,
    args,
    expected,
  })
  const having = (brought: Partial<Brought>): Caller => ({
    ...full,
    [type]: { ...(full[type] as Brought), ...brought },
  })
  const found: Case[] = []
  // A rule that stands before this one and asks for a token of the same type would refuse these itself.
  if (ofType.every((other) => other.optional)) {
    const { [type]: _none, ...without } = full
    const expected = optional ? 'answers' : 'TOKEN_MISSING'
    found.push(make(optional ? 'without a token, which is optional' : 'anonymous', without, expected))
  }
  if (ofType.length === 0) {
    const other = type === 'access' ? 'refresh' : 'access'
    found.push(
      make('with a token of the wrong type', having({ type: other }), WRONG_TYPE[type]),
      make('with a revoked token', having({ flaw: 'revoked' }), 'TOKEN_REVOKED'),
      make('with an expired token', having({ flaw: 'expired' }), 'TOKEN_EXPIRED'),
      make('with a forged token', having({ flaw: 'forged' }), 'TOKEN_INVALID'),
    )
  }
  if (fresh && !ofType.some((other) => other.fresh)) {
    found.push(make('with a token that is not fresh', having({ fresh: false }), 'FRESH_TOKEN_REQUIRED'))
  }
  for (const groups of scopes) {
    const required = JSON.stringify(groups)
    if (ofType.every((other) => other.scopes.length === 0)) {
      found.push(make(`without the scopes ${required}`, having({ scopes: [] }), 'SCOPES_MISSING'))
    }
    for (const { without, held } of almost(groups, [...(full[type]?.scopes ?? []), ...known])) {
      found.push(
        make(
          `with all scopes but ${without.join(' and ')} for ${required}`,
          having({ scopes: held }),
          'SCOPES_MISSING',
        ),
      )
    }
  }
  found.push(make('with all it asks for', full, 'answers'))
  return found
}

const WRONG_TYPE: Readonly<Record<TokenType, RefusalReason>> = {
  access: 'ACCESS_TOKEN_REQUIRED',
  refresh: 'REFRESH_TOKEN_REQUIRED',
}

/** As many scopes as a token has room for, in characters. */
const ROOM = 4000

/** Choices of what to leave out of a level's scopes that are tried at most. */
const CHOICES = 32

/**
 * As many scopes as can be held without satisfying a level: all there are, but for one of each group. With fewer, another level could be what refuses; and a
 * guard that would take another scope for it is found.
 */
function almost(groups: ScopeGroups, all: readonly string[]): { without: string[]; held: string[] }[] {
  let choices: string[][] = [[]]
  for (const group of groups) {
    choices = choices.flatMap((chosen) => group.map((one) => [...chosen, one])).slice(0, CHOICES)
  }
  return choices.map((chosen) => {
    const without = [...new Set(chosen)]
    let room = ROOM
    const held = [...new Set(all)].filter((scope) => {
      room -= scope.length + 1
      return room > 0 && !without.some((one) => satisfies(scope, one))
    })
    return { without, held }
  })
}

/** The tokens that are just enough for some rules. */
function satisfying(requirements: readonly Requirement[]): Caller {
  const caller: Partial<Record<TokenType, Brought>> = {}
  for (const type of ['access', 'refresh'] as const) {
    const [first, ...others] = requirements.filter((one) => one.type === type)
    if (first === undefined) continue
    const { fresh, scopes } = others.reduce(addRequirement, first)
    caller[type] = { type, fresh, scopes: [...new Set(scopes.flatMap(([group]) => group ?? []))] }
  }
  return caller
}

function casesOfCookie(type: TokenType): Case[] {
  const make = (name: string, cookie: Brought['cookie'] & string, expected: Outcome): Case => ({
    name: `with a cookie that ${name} is shown back for`,
    caller: { [type]: { type, fresh: false, scopes: [], cookie } },
    args: {},
    expected,
  })
  return [make('nothing', 'unproven', 'CSRF_MISSING'), make('another value', 'mismatched', 'CSRF_MISMATCH')]
}

function casesOfValue(
  { requirement, args }: Place,
  inputs: InputRules,
  own: Requirement | undefined,
  known: readonly string[],
): Case[] {
  const demands = demandsOf(inputs, args)
  const argument = demands.find((demand) => demand.requirement === requirement)?.argument ?? ''
  const above = demands.map((demand) => demand.requirement).filter((one) => one !== requirement)
  const others = own === undefined ? above : [own, ...above]
  return casesOfRequirement({ requirement, others, args, where: `, with a value for ${argument}`, known })
}
