/** Any of these groups; within a group all of them. */
export type ScopeGroups = readonly (readonly string[])[]

/**
 * Whether a held scope satisfies a required one: the same text, or `ns:*` for `ns` and all that is nested under it.
 *
 * A bare `*` is no wildcard, and a `*` in what is required is taken literally. As in AuthX.
 */
export function satisfies(held: string, required: string): boolean {
  if (held === required) return true
  if (!held.endsWith(':*') || held.length < 3) return false
  const namespace = held.slice(0, -2)
  return required === namespace || required.startsWith(`${namespace}:`)
}

/** Whether a text is one scope: `scope-token` of RFC 6749 section 3.3. Anything else could break out of a WWW-Authenticate header. */
export function isScope(scope: unknown): boolean {
  return typeof scope === 'string' && /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(scope)
}

/** Whether the held scopes satisfy at least one group. One that is empty asks for nothing, and nothing satisfies it: no rule has such a group. */
export function satisfiesGroups(held: readonly string[], groups: ScopeGroups): boolean {
  return groups.some(
    (group) => group.length > 0 && group.every((required) => held.some((one) => satisfies(one, required))),
  )
}
