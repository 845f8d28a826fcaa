import type { Fault } from './faults.ts'

const TEST = 'test/graphql/self-test.test.ts'
const RUN = 'src/graphql/self-test.ts'
const CASES = 'src/graphql/self-test/cases.ts'

/** Ways in which the self-test would find nothing. */
export const SELF_TEST_FAULTS: readonly Fault[] = [
  {
    name: 'the self-test takes any function for a guard',
    file: RUN,
    find: 'if (twin === undefined) {',
    replace: 'if (twin === undefined) continue\n      if (twin === null) {',
    test: TEST,
    title: /in place of resolve: no resolver/,
  },
  {
    name: 'the self-test leaves streams alone',
    file: RUN,
    find: "if (kind === 'subscription' || subscribe !== undefined) {",
    replace: 'if (kind === undefined) {',
    test: TEST,
    title: /in place of subscribe/,
  },
  {
    name: 'the self-test expects whatever happens',
    file: RUN,
    find: 'if (outcome === expected) return',
    replace: 'if (outcome !== undefined) return',
    test: TEST,
    title: /for less: no token/,
  },
  {
    name: 'the self-test tries callers without any scope only',
    file: CASES,
    find: 'return room > 0 && ',
    replace: 'return room > 9999 && ',
    test: TEST,
    title: /for less: one level of scopes/,
  },
  {
    name: 'the self-test supplies no values',
    file: CASES,
    find: '...places.flatMap(',
    replace: '...places.slice(9).flatMap(',
    test: TEST,
    title: /for nothing where a value is supplied/,
  },
  {
    name: 'the self-test calls what stands behind the guards of the app',
    file: 'src/graphql/guard.ts',
    find: 'return found && this.#again.get(found)?.(behind)',
    replace: 'return found',
    test: TEST,
    title: /is green for an instance that guards by default/,
  },
  {
    name: 'the self-test tells the audit stream of its own refusals',
    file: 'src/graphql/self-test/callers.ts',
    find: '    hooks: {},\n',
    replace: '',
    test: TEST,
    title: /nothing of the app has run/,
  },
]
