import { isSkipped } from '../harness/debian.ts'
import { OWN_MARIADB } from '../harness/mariadb.ts'
import { OWN_POSTGRES } from '../harness/postgres.ts'
import { OWN_REDIS } from '../harness/redis.ts'
import { ADAPTER_FAULTS } from './adapter-faults.ts'
import { AUDIT_FAULTS } from './audit-faults.ts'
import { COOKIE_FAULTS } from './cookie-faults.ts'
import { INTROSPECTION_FAULTS } from './introspection-faults.ts'
import { POLICY_FAULTS } from './policy-faults.ts'
import { MARIADB_FAULTS, POSTGRES_FAULTS } from './postgres-faults.ts'
import { REDIS_FAULTS } from './redis-faults.ts'
import { REPLICA_FAULTS } from './replica-faults.ts'
import { SELF_TEST_FAULTS } from './self-test-faults.ts'
import { SERVER_AUDIT_FAULTS } from './server-audit-faults.ts'
import { STREAM_FAULTS } from './stream-faults.ts'
import { TOKEN_FAULTS } from './token-faults.ts'

/** A way to weaken the guard, and the test that has to notice. */
export interface Fault {
  readonly name: string
  /** The file that has the fault, from the root of the project. */
  readonly file: string
  /** A text that is in it exactly once. */
  readonly find: string
  readonly replace: string
  /** The test file that has to fail, from the root of the project. */
  readonly test: string
  /** Which of its tests: at least one of those has to fail, with an assertion. */
  readonly title: RegExp
}

const SELECTIONS = 'test/graphql/ways-around-selections.test.ts'
const RULES = 'test/graphql/ways-around-rules.test.ts'
const EXECUTION = 'test/graphql/ways-around-execution.test.ts'
const EVENTS = 'test/graphql/ways-around-events.test.ts'
const INSTANCES = 'test/graphql/ways-around-instances.test.ts'
const REVIEWED = 'test/graphql/reviewed.test.ts'
const COUNTING = 'test/graphql/counting.test.ts'

/** Where the guard decides; most ways around a rule can be planted here as a condition under which it looks away. */
const DECISION = 'if (requirement === undefined) return original(source, args, context, info)'

/** A guard that looks away under a condition. */
function blind(name: string, condition: string, title: RegExp, test: string = SELECTIONS): Fault {
  const replace = `if (requirement === undefined || (${condition})) return original(source, args, context, info)`
  return { name, file: 'src/graphql/guard.ts', find: DECISION, replace, test, title }
}

const POLICY = 'src/graphql/policy.ts'
const ANNOTATIONS = 'src/graphql/annotations.ts'
const GUARD = 'src/graphql/guard.ts'
const PROTECT = 'src/graphql/protect.ts'

export const FAULTS: readonly Fault[] = [
  ...ADAPTER_FAULTS,
  ...AUDIT_FAULTS,
  ...COOKIE_FAULTS,
  ...INTROSPECTION_FAULTS,
  ...POLICY_FAULTS,
  ...(isSkipped(OWN_POSTGRES) ? [] : POSTGRES_FAULTS),
  ...(isSkipped(OWN_MARIADB) ? [] : MARIADB_FAULTS),
  ...REPLICA_FAULTS,
  ...(isSkipped(OWN_REDIS) ? [] : REDIS_FAULTS),
  ...SELF_TEST_FAULTS,
  ...SERVER_AUDIT_FAULTS,
  ...STREAM_FAULTS,
  ...TOKEN_FAULTS,
  {
    name: 'of two tokens with one jti a stream follows the first',
    file: 'src/graphql/lifetime.ts',
    find: 'this.#releases.has(claims)',
    replace: '[...this.#releases.keys()].some(({ jti }) => jti === claims.jti)',
    test: 'test/graphql/lifetime.test.ts',
    title: /issuers gave both the same jti/,
  },
  {
    name: "an object type's rule is forgotten",
    file: POLICY,
    find: 'const ofTypes = above.map((one) => readAnnotation(one, one.name))',
    replace: 'const ofTypes = above.slice(1).map((one) => readAnnotation(one, one.name))',
    test: SELECTIONS,
    title: /reached by its name/,
  },
  {
    name: "an interface type's rule is forgotten",
    file: POLICY,
    find: 'const ofTypes = above.map((one) => readAnnotation(one, one.name))',
    replace: 'const ofTypes = [readAnnotation(type, type.name)]',
    test: RULES,
    title: /an interface with @auth/,
  },
  {
    name: "an interface type's rule counts for the interface's own fields only",
    file: POLICY,
    find: 'addUp([...ofFields, ...ofTypes],',
    replace: 'addUp([...ofFields, ...ofTypes.filter((_, index) => above[index]?.getFields()[name])],',
    test: RULES,
    title: /those too that the interface has not/,
  },
  {
    name: "a rule on an interface's field is forgotten",
    file: POLICY,
    find: 'const ofFields = above.map((one) => annotationOfField(one, name))',
    replace: 'const ofFields = [annotationOfField(type, name)]',
    test: RULES,
    title: /stands on its interface's field/,
  },
  {
    name: 'only the first interface counts',
    file: POLICY,
    find: 'const above = [type, ...interfacesOf(type)]',
    replace: 'const above = [type, ...type.getInterfaces().slice(0, 1)]',
    test: RULES,
    title: /one field of two interfaces/,
  },
  {
    name: "an interface's interface is forgotten",
    file: POLICY,
    find: 'for (const one of found) for (const above of one.getInterfaces()) found.add(above)',
    replace: '',
    test: 'test/graphql/protect.test.ts',
    title: /counts an interface's interface/,
  },
  {
    name: 'the nearest rule wins instead of adding up',
    file: POLICY,
    find: 'requirement = requirement === undefined ? auth : combine(requirement, auth, coordinate)',
    replace: 'requirement ??= auth',
    test: RULES,
    title: /all of them are needed/,
  },
  {
    name: 'a root type is not looked at',
    file: POLICY,
    find: 'if (!isObjectType(type) || isIntrospectionType(type)) continue',
    replace: 'if (!isObjectType(type) || type === schema.getMutationType()) continue',
    test: RULES,
    title: /every field of a root type/,
  },
  {
    name: 'of several @auth in one place only one is read',
    file: ANNOTATIONS,
    find: 'auth: auth.reduce((one, other) => combine(one, other, coordinate))',
    replace: 'auth: auth[0] as Requirement',
    test: RULES,
    title: /when `extend type` adds it, and it adds up/,
  },
  {
    name: '@auth is not repeatable, so makeExecutableSchema melts two into one that asks for less',
    file: 'src/graphql/directives.ts',
    find: ') repeatable on FIELD_DEFINITION | OBJECT | INTERFACE',
    replace: ') on FIELD_DEFINITION | OBJECT | INTERFACE',
    test: RULES,
    title: /when `extend type` adds it, and it adds up/,
  },
  {
    name: 'extensions of a type are not read',
    file: ANNOTATIONS,
    find: 'const nodes = [element.astNode, ...(element.extensionASTNodes ?? [])]',
    replace: 'const nodes = [element.astNode]',
    test: RULES,
    title: /extendSchema adds it/,
  },
  {
    name: 'rules from code are not read as an object',
    file: ANNOTATIONS,
    find: 'if (!Object.hasOwn(directives, name)) return []',
    replace: 'return []',
    test: RULES,
    title: /extensions\.directives as an object/,
  },
  {
    name: 'rules from code are not read as an array',
    file: ANNOTATIONS,
    find: '(one) => (one as { name?: unknown } | null)?.name === name',
    replace: '() => false',
    test: RULES,
    title: /extensions\.directives as an array/,
  },
  {
    name: 'a field without a resolver is left alone',
    file: PROTECT,
    find: 'if (rule === undefined) return undefined',
    replace: 'if (rule === undefined || field.resolve === undefined) return undefined',
    test: EXECUTION,
    title: /a field without a resolver/,
  },
  {
    name: 'resolveReference is lost',
    file: PROTECT,
    find: '  keepWhatMapSchemaDrops(schema, guarded)\n',
    replace: '',
    test: 'test/graphql/protect.test.ts',
    title: /keeps what libraries put on a type itself/,
  },
  {
    name: 'a promise of a verdict passes for a verdict',
    file: GUARD,
    find: 'return isThenable(verdict)\n        ? verdict.then((settled) => goOn',
    replace: 'return isThenable(verdict) && info.path.key === ""\n        ? verdict.then((settled) => goOn',
    test: EXECUTION,
    title: /while the callback has not answered/,
  },
  {
    name: 'a resolver loses the claims of a token whose missing scopes are only reported',
    file: GUARD,
    find: 'if (!isAboutRights(verdict)) return original(source, args, context, info)',
    replace: 'if (info.path.key !== "") return original(source, args, context, info)',
    test: 'test/graphql/enforcement.test.ts',
    title: /gives claims where a token is good/,
  },
  {
    name: "a mutation's verdict is kept for all its fields",
    file: GUARD,
    find: "if (info.operation.operation === 'query') return info.variableValues",
    replace: "if (info.operation.operation !== 'subscription') return info.variableValues",
    test: EXECUTION,
    title: /in a mutation after its own logout/,
  },
  {
    name: "a subscription's verdict is kept for all its events",
    file: GUARD,
    find: "if (info.operation.operation === 'query') return info.variableValues",
    replace: "if (info.operation.operation !== 'mutation') return info.operation",
    test: EVENTS,
    title: /a token that was revoked between two/,
  },
  {
    name: 'the time of a verified token is not looked at again',
    file: 'src/core/authentication.ts',
    find: "if (this.#parts.codec.isOver(verified.claims)) return refuse('TOKEN_EXPIRED')",
    replace: '',
    test: EVENTS,
    title: /a token that expired between two/,
  },
  {
    name: 'subscribe is not wrapped',
    file: PROTECT,
    find: "subscribe: place.guard.wrap(field.subscribe, rule, coordinate, 'stream') }",
    replace: '}',
    test: EVENTS,
    title: /refused without a token before its source starts/,
  },
  {
    name: "a stream's resolve is not wrapped",
    file: PROTECT,
    find: 'return { ...field, resolve, subscribe:',
    replace: 'return { ...field, subscribe:',
    test: EVENTS,
    title: /a token that was revoked between two/,
  },
  {
    name: 'without the plugin a guarded field is open',
    file: GUARD,
    find: 'const auth = authOf(context, info)',
    replace:
      'if (operationAuthOf(this.#engine.contextKey, context) === undefined) return original(source, args, context, info)\n      const auth = authOf(context, info)',
    test: INSTANCES,
    title: /without the plugin answers a masked error/,
  },
  {
    name: "a missing plugin is answered as 'no token'",
    file: GUARD,
    find: 'throw new MissingContextError()',
    replace: "refuseField(new Refusal('TOKEN_MISSING'), { fieldNodes: [] } as never)",
    test: INSTANCES,
    title: /without the plugin answers a masked error/,
  },
  {
    name: 'all instances look in one place of the context',
    file: 'src/graphql/engine.ts',
    find: "contextKey: Symbol('graphql-authx')",
    replace: "contextKey: Symbol.for('graphql-authx')",
    test: INSTANCES,
    title: /do not take each other for themselves/,
  },
  {
    name: 'what one instance guarded another takes for its own',
    file: GUARD,
    find: 'readonly #made = new WeakMap<Resolver, string>()',
    replace:
      'readonly #made: WeakMap<Resolver, string> = ((globalThis as { made?: WeakMap<Resolver, string> }).made ??= new WeakMap())',
    test: INSTANCES,
    title: /that both protect a schema both guard it/,
  },
  {
    name: 'what was guarded is not remembered',
    file: GUARD,
    find: 'this.#made.set(guarded, text)',
    replace: '',
    test: INSTANCES,
    title: /protected twice asks once and runs the resolver once/,
  },
  {
    name: 'a field that was guarded once counts as guarded for ever',
    file: GUARD,
    find: 'const text = JSON.stringify(rule)',
    replace:
      'const seen = ((this as unknown as { seen?: Set<string> }).seen ??= new Set())\n    if (seen.has(coordinate)) return resolver\n    seen.add(coordinate)\n    const text = JSON.stringify(rule)',
    test: INSTANCES,
    title: /a resolver that replaced a guarded one/,
  },
  {
    name: 'a guarded resolver keeps the rule it had first',
    file: GUARD,
    find: 'if (this.#made.get(resolver) === text) return resolver',
    replace: 'if (this.#made.has(resolver)) return resolver',
    test: INSTANCES,
    title: /a rule that is added after the first protect/,
  },
  {
    name: "a query's verdict is kept under its document",
    file: GUARD,
    find: "if (info.operation.operation === 'query') return info.variableValues",
    replace: "if (info.operation.operation === 'query') return info.operation",
    test: REVIEWED,
    title: /is asked about anew by each operation/,
  },
  {
    name: 'only the root of subscriptions is guarded at its start',
    file: PROTECT,
    find: 'if (!place.streams && field.subscribe === undefined)',
    replace: 'if (!place.streams)',
    test: REVIEWED,
    title: /became the root of subscriptions after it was protected/,
  },
  {
    name: 'nobody says that a schema was not protected',
    file: PROTECT,
    find: 'if (asking.every(',
    replace: 'if (field !== undefined || asking.every(',
    test: REVIEWED,
    title: /does not start$/,
  },
  blind(
    '@optionalToken opens what a type guards',
    'optionalToken !== undefined',
    /the guard applies first/,
    RULES,
  ),
  blind('an alias is not seen', 'info.path.key !== info.fieldName', /under an alias/),
  blind(
    'a fragment is not seen',
    "info.operation.selectionSet.selections.some(({ kind }) => kind !== 'Field') && info.path.prev === undefined",
    /inline or a named fragment/,
  ),
  blind(
    'elements of lists are not seen',
    "typeof info.path.prev?.key === 'number'",
    /every element of a list$/,
  ),
  blind(
    'elements of lists of lists are not seen',
    "typeof info.path.prev?.prev?.key === 'number'",
    /every element of a list of lists/,
  ),
  blind('great depths are not seen', 'info.path.prev?.prev?.prev?.prev?.prev !== undefined', /at any depth/),
  blind(
    'fields with @include or @skip are not seen',
    '(info.fieldNodes[0]?.directives?.length ?? 0) > 0',
    /depends on @include and @skip/,
  ),
  blind(
    'members of unions are not seen',
    "Object.values(info.schema.getTypeMap()).some((one) => 'getTypes' in one && one.getTypes().includes(info.parentType))",
    /through a union/,
  ),
  blind(
    'types behind interfaces are not seen',
    'info.parentType.getInterfaces().length > 0',
    /through an interface/,
  ),
  blind('types behind node(id) are not seen', "info.path.prev?.key === 'node'", /through node\(id\)/),
  blind('entities are not seen', "info.path.prev?.prev?.key === '_entities'", /for federation/, RULES),
  blind(
    'GET is not seen',
    "(context as { request?: Request }).request?.method === 'GET'",
    / for GET$/,
    EXECUTION,
  ),
  blind(
    'later members of a batch are not seen',
    "(context as { params?: { query?: string } }).params?.query === '{ a: secret }'",
    /each member of an array batch/,
    EXECUTION,
  ),
  {
    name: 'every field asks anew',
    file: GUARD,
    find: "if (info.operation.operation === 'query') return info.variableValues",
    replace: "if (info.operation.operation === 'query') return info.path",
    test: COUNTING,
    title: /ten thousand guarded fields/,
  },
  {
    name: 'a schema that its server has wrapped has no rules any more',
    file: 'src/graphql/serving.ts',
    find: 'guard.ruleOf(field.resolve) ?? this.#rules.get(field)',
    replace: 'guard.ruleOf(field.resolve)',
    test: 'test/graphql/serving.test.ts',
    title: /whose resolvers a server wrapped/,
  },
  {
    name: 'every member of a batch opens a request of its own',
    file: 'src/graphql/adapters/yoga.ts',
    find: 'request[key] ??= serving.open',
    replace: 'request[key] = serving.open',
    test: COUNTING,
    title: /five members of a batch/,
  },
  {
    name: 'every answer of Yoga waits for a promise of ours',
    file: 'src/graphql/adapters/yoga.ts',
    find: '    onResponse({ request, response }) {',
    replace: '    async onResponse({ request, response }) {',
    test: 'test/graphql/cost.test.ts',
    title: /makes as many promises as one without auth/,
  },
  {
    name: 'the error of a refused field has the rule itself in it',
    file: 'src/core/requirement.ts',
    find: 'missing.map((group) => [...group])',
    replace: 'missing',
    test: 'test/graphql/ways-around-rules.test.ts',
    title: /is not written into its rule/,
  },
  {
    name: 'a verdict is remembered beyond its unit',
    file: 'src/graphql/operation-auth.ts',
    find: 'if (requirement === this.#asked && unit === this.#unit) return this.#verdict',
    replace: 'if (requirement === this.#asked) return this.#verdict',
    test: EXECUTION,
    title: /in a mutation after its own logout/,
  },
]
