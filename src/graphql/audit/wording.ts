import type { Requirement } from '../../core/requirement.ts'
import type { ScopeGroups } from '../../core/scopes.ts'
import type { Annotation } from '../annotations.ts'
import type { InputRules } from '../input-rules.ts'
import type { FieldRule } from '../policy.ts'
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

/** Such as `fresh access token with user:read and with user:pii`. */
export function requirementInWords({ type, fresh, scopes, optional, ...more }: Requirement): string {
  // What is asked for and not told here would make a report that says less than the schema does.
  more satisfies Record<string, never>
  const token = `${fresh ? 'fresh ' : ''}${type} token`
  const levels = scopes.map((groups) => `with ${groupsInWords(groups)}`)
  const words = [token, levels.join(' and ')].filter((part) => part !== '').join(' ')
  return optional ? `no token, or ${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}` : words
}

function groupsInWords(groups: ScopeGroups): string {
  const isMixed = groups.length > 1 && groups.some((group) => group.length > 1)
  return groups
    .map((group) => (isMixed && group.length > 1 ? `(${group.join(' and ')})` : group.join(' and ')))
    .join(' or ')
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
function authAsWritten({ type, fresh, scopes, optional }: Requirement): string[] {
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

function typeArgument(type: 'access' | 'refresh'): string {
  return type === 'refresh' ? '(type: REFRESH)' : ''
}
