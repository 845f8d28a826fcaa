import type { TokenType } from '../../core/claims.ts'
import type { NothingLeft, Requirement } from '../../core/requirement.ts'
import type { Annotation } from '../annotations.ts'
import type { InputRules } from '../input-rules.ts'
import type { FieldRule } from '../policy.ts'
import { requirementInWords } from '../requirement-words.ts'
import type { Effect } from './entry.ts'

/** What a rule does to a caller without a token. */
export function effectOf(rule: FieldRule | undefined): Effect {
  if (rule?.requirement !== undefined) return rule.requirement.optional ? 'optional' : 'guarded'
  return rule?.optionalToken === undefined ? 'public' : 'unverified'
}

/** A field's rule in words, and which input fields ask inside its arguments; what values ask for is told where their rules stand. */
export function inWords(rule: FieldRule | undefined, isDeclared: boolean): string {
  return [ownInWords(rule, isDeclared), ...insideInWords(rule?.inputs)].join(', ')
}

function ownInWords(rule: FieldRule | undefined, isDeclared: boolean): string {
  if (rule?.requirement !== undefined) return requirementInWords(rule.requirement)
  if (rule?.optionalToken !== undefined) return '@optionalToken: a token is handed over unchecked'
  return isDeclared ? '@public' : 'nothing says who may have it'
}

/** Without it nothing would tell of an argument that gets another type, in which nothing asks. */
function insideInWords({ args, types }: InputRules = { args: {}, types: {} }): string[] {
  return Object.entries(args).flatMap(([argument, { type }]) => {
    if (type === undefined) return []
    const names = new Set([type])
    const asking: string[] = []
    // A Set's iteration meets what is added on the way.
    for (const name of names) {
      for (const [member, rule] of Object.entries(types[name] ?? {})) {
        if (rule.requirement !== undefined) asking.push(`${name}.${member}`)
        if (rule.type !== undefined) names.add(rule.type)
      }
    }
    return [`rules inside ${argument}: ${asking.sort().join(', ')}`]
  })
}

/** What the rule of a value begins with, and no other. A manifest tells values from fields by it. */
export const VALUE_RULE = 'a value asks for: '

/** The rule of a value that is supplied to a field, in words. */
export function valueInWords(requirement: Requirement): string {
  return `${VALUE_RULE}${requirementInWords(requirement)}`
}

/** What stands in one place, as SDL says it; undefined where nothing of ours does. */
export function asWritten({ auth, optionalToken, isPublic }: Annotation): string | undefined {
  const directives = [
    ...(auth === undefined ? [] : authAsWritten(auth)),
    ...(optionalToken === undefined ? [] : [`@optionalToken${typeArgument(optionalToken)}`]),
    ...(isPublic === true ? ['@public'] : []),
  ]
  return directives.length === 0 ? undefined : directives.join(' ')
}

/** Several directives in one place were added up; what is left of that is one for each level of scopes. */
function authAsWritten({ type, fresh, scopes, optional, ...more }: Requirement): string[] {
  more satisfies NothingLeft
  const [first, ...others] = scopes.map((groups) => `scopes: ${JSON.stringify(groups)}`)
  const args = [
    ...(type === 'refresh' ? ['type: REFRESH'] : []),
    ...(fresh ? ['fresh: true'] : []),
    ...(first === undefined ? [] : [first]),
    ...(optional ? ['optional: true'] : []),
  ]
  const opened = args.length === 0 ? '@auth' : `@auth(${args.join(', ')})`
  return [opened, ...others.map((scope) => `@auth(${scope}${optional ? ', optional: true' : ''})`)]
}

function typeArgument(type: TokenType): string {
  return type === 'refresh' ? '(type: REFRESH)' : ''
}
