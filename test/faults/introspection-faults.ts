import type { Fault } from './faults.ts'

const TEST = 'test/graphql/introspection.test.ts'
const INTROSPECTION = 'src/graphql/introspection.ts'
const VISIBILITY = 'src/graphql/introspection/visibility.ts'

/** Ways to show a caller more of the schema than they may have, or what is no schema. */
export const INTROSPECTION_FAULTS: readonly Fault[] = [
  {
    name: 'a bad token is taken for none when the schema is asked for',
    file: INTROSPECTION,
    find: "return type === 'access' && !isAboutRights(refusal) && !NOT_THEIRS.has(refusal.reason)",
    replace: 'return false',
    test: TEST,
    title: /never taken for none/,
  },
  {
    name: 'whoever cannot be judged is shown what nobody may see',
    file: INTROSPECTION,
    find: "if (refusal.reason === 'REVOCATION_UNAVAILABLE') return true",
    replace: "if (refusal.reason === 'REVOCATION_UNAVAILABLE') return false",
    test: TEST,
    title: /answers nobody with a token while nobody can say/,
  },
  {
    name: "one caller's view is another's",
    file: INTROSPECTION,
    find: "const key = permitted.map(Number).join('')",
    replace: "const key = ''",
    test: TEST,
    title: /refresh token to whoever/,
  },
  {
    name: 'a question about the schema hides behind a field',
    file: 'src/graphql/introspection/selection.ts',
    find: "return names.size === 0 ? 'only' : 'mixed'",
    replace: "return names.size === 0 ? 'only' : 'none'",
    test: TEST,
    title: /operation of its own/,
  },
  {
    name: 'a question about the schema hides in a fragment',
    file: 'src/graphql/introspection/selection.ts',
    find: 'if (fragment !== undefined) read(fragment.selectionSet)',
    replace: '',
    test: TEST,
    title: /of a GET and in a batch/,
  },
  {
    name: 'validation suggests what the caller may not have',
    file: 'src/graphql/serving.ts',
    find: 'return this.withholdsHints ? errors.map',
    replace: 'return !this.withholdsHints ? errors.map',
    test: TEST,
    title: /suggests nothing/,
  },
  {
    name: 'types that nothing leads to any more are named',
    file: VISIBILITY,
    find: 'if (before.has(name) && !after.has(name)) this.gone.add(name)',
    replace: 'void name',
    test: TEST,
    title: /does not know a type/,
  },
  {
    name: 'a field stays without the argument that it cannot do without',
    file: VISIBILITY,
    find: 'isRequiredArgument(argument) && this.hidden',
    replace: 'false && this.hidden',
    test: TEST,
    title: /cannot do without/,
  },
  {
    name: 'a type keeps an interface whose field is gone',
    file: VISIBILITY,
    find: 'if (!this.#keeps(type, face)) this.#broken',
    replace: 'if (false) this.#broken',
    test: TEST,
    title: /no longer implements/,
  },
  {
    name: 'hooks are told of refusals that nobody met',
    file: 'src/graphql/operation-auth.ts',
    find: 'return this.#authentication.consider(...question)',
    replace: 'return this.#authentication.judge(...question)',
    test: TEST,
    title: /tells no hook/,
  },
]
