import type { Fault } from './faults.ts'

const DEFAULTS = 'test/graphql/default-policy.test.ts'
const OPTIONAL = 'test/graphql/optional.test.ts'
const INPUTS = 'test/graphql/inputs.test.ts'
const POLICY = 'src/graphql/policy.ts'
const RULES = 'src/graphql/input-rules.ts'

/** Ways to weaken what holds by default, for optional tokens and for values. */
export const POLICY_FAULTS: readonly Fault[] = [
  {
    name: 'nothing is guarded by default',
    file: POLICY,
    find: "isDeclared || defaultPolicy !== 'protected' ? rule : byDefault(rule)",
    replace: 'rule',
    test: DEFAULTS,
    title: /says nothing needs an access token/,
  },
  {
    name: 'only root fields are guarded by default',
    file: POLICY,
    find: "isDeclared || defaultPolicy !== 'protected' ? rule",
    replace: "isDeclared || !roots.has(type) || defaultPolicy !== 'protected' ? rule",
    test: DEFAULTS,
    title: /says nothing needs an access token/,
  },
  {
    name: '@public is taken although a rule guards the field',
    file: POLICY,
    find: 'if (isPublic && rule?.requirement !== undefined) refusePublic(coordinate)',
    replace: '',
    test: DEFAULTS,
    title: /@public and @auth under a guarded type/,
  },
  {
    name: 'a schema that says nothing is taken',
    file: POLICY,
    find: "if (defaultPolicy === 'declared' && silent.length > 0)",
    replace: "if (defaultPolicy === 'declared' && silent.length > 99)",
    test: DEFAULTS,
    title: /'declared'/,
  },
  {
    name: 'a bad token is anonymous where none is needed',
    file: 'src/core/authentication.ts',
    find: "requirement.optional && verified.reason === 'TOKEN_MISSING'",
    replace: 'requirement.optional',
    test: OPTIONAL,
    title: /BRR-08/,
  },
  {
    name: 'optional beats required',
    file: 'src/core/requirement.ts',
    find: 'optional: one.optional && other.optional,',
    replace: 'optional: one.optional || other.optional,',
    test: OPTIONAL,
    title: /is required where any rule/,
  },
  {
    name: 'null is no value',
    file: RULES,
    find: 'if (!Object.hasOwn(values, name)) continue',
    replace: 'if ((values as Record<string, unknown>)[name] == null) continue',
    test: INPUTS,
    title: /as null$/,
  },
  {
    name: 'lists are not looked into',
    file: RULES,
    find: 'if (Array.isArray(value)) value.forEach((one, index) =>',
    replace: 'if (Array.isArray(value)) [].forEach((one, index) =>',
    test: INPUTS,
    title: /a member of a list/,
  },
  {
    name: 'only the first level is looked at',
    file: RULES,
    find: 'if (type !== undefined) walk(',
    replace: 'if (type !== undefined && path === "") walk(',
    test: INPUTS,
    title: /deep down/,
  },
  {
    name: "an interface's argument asks nothing",
    file: RULES,
    find: 'for (const { field, coordinate } of above) {',
    replace: 'for (const { field, coordinate } of above.slice(0, 1)) {',
    test: INPUTS,
    title: /the interface's argument/,
  },
  {
    name: 'a default value passes for nothing supplied',
    file: RULES,
    find: '    this.#checkDefaults(schema)\n',
    replace: '',
    test: INPUTS,
    title: /a default value of/,
  },
  {
    name: "an interface's argument may have a default value below",
    file: RULES,
    find: '    this.#checkOwnDefaults(above[0], args)\n',
    replace: '',
    test: INPUTS,
    title: /a default value of an argument whose interface has/,
  },
  {
    name: 'a type that is called constructor is taken for read',
    file: RULES,
    find: 'return Object.create(null)',
    replace: 'return {}',
    test: INPUTS,
    title: /an input type that is called constructor/,
  },
  {
    name: 'a verdict about a value is not waited for',
    file: 'src/graphql/guard.ts',
    find: 'return isThenable(answer) ? answer.then(goOn) : goOn(answer)',
    replace: 'return isThenable(answer) ? meet(others, asked, context, info) : goOn(answer)',
    test: INPUTS,
    title: /is waited for/,
  },
]
