import type { NothingLeft, Requirement } from '../core/requirement.ts'
import type { ScopeGroups } from '../core/scopes.ts'

/** Such as `fresh access token with user:read and with user:pii`. */
export function requirementInWords({ type, fresh, scopes, optional, ...more }: Requirement): string {
  more satisfies NothingLeft
  const token = `${fresh ? 'fresh ' : ''}${type} token`
  const levels = scopes.map((groups) => `with ${groupsInWords(groups)}`)
  const words = [token, levels.join(' and ')].filter((part) => part !== '').join(' ')
  return optional ? `no token, or ${withArticle(words)}` : words
}

function groupsInWords(groups: ScopeGroups): string {
  const isMixed = groups.length > 1 && groups.some((group) => group.length > 1)
  return groups
    .map((group) => (isMixed && group.length > 1 ? `(${group.join(' and ')})` : group.join(' and ')))
    .join(' or ')
}

/** Such as `an access token`. */
export function withArticle(words: string): string {
  return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`
}
