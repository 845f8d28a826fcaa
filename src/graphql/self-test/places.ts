import type { Requirement } from '../../core/requirement.ts'
import type { InputRules } from '../input-rules.ts'

/** The arguments of one call. */
export type Arguments = Readonly<Record<string, unknown>>

/** A value with a rule, and arguments that supply nothing more than it takes to reach it. */
export interface Place {
  readonly requirement: Requirement
  readonly args: Arguments
}

/** Every value with a rule that can be supplied to a field, by the shortest way; below an argument each type is entered once. */
export function placesIn({ args, types }: InputRules): Place[] {
  const found: Place[] = []
  for (const [argument, rule] of Object.entries(args)) {
    const entered = new Set<string>()
    const waiting = [{ name: argument, rule, wrap: (value: Arguments) => value }]
    // A list's iteration meets what is added on the way.
    for (const { name, rule, wrap } of waiting) {
      const { requirement, type } = rule
      // Null is a value, and the one that is most easily taken for none.
      if (requirement !== undefined) found.push({ requirement, args: wrap({ [name]: null }) })
      if (type === undefined || entered.has(type)) continue
      entered.add(type)
      const inside = (value: Arguments): Arguments => wrap({ [name]: value })
      for (const [member, below] of Object.entries(types[type] ?? {})) {
        waiting.push({ name: member, rule: below, wrap: inside })
      }
    }
  }
  return found
}
