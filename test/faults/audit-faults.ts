import type { Fault } from './faults.ts'

const AUDIT = 'test/graphql/audit.test.ts'
const TRUTH = 'test/graphql/audit-truth.test.ts'
const REPORT = 'src/graphql/audit/report.ts'
const REACH = 'src/graphql/audit/reach.ts'
const WARNINGS = 'src/graphql/audit/warnings.ts'

/** Ways in which an audit could say less than there is. */
export const AUDIT_FAULTS: readonly Fault[] = [
  {
    name: 'an optional rule is taken for a guard',
    file: 'src/graphql/audit/wording.ts',
    find: "rule.requirement.optional ? 'optional' : 'guarded'",
    replace: "'guarded'",
    test: TRUTH,
    title: /exactly what the audit calls within reach/,
  },
  {
    name: 'unions and interfaces lead nowhere',
    file: REACH,
    find: 'isAbstractType(named) ? schema.getPossibleTypes(named) : []',
    replace: '[]',
    test: AUDIT,
    title: /leads through .* to all that it can be/,
  },
  {
    name: 'guarded fields lead on',
    file: REPORT,
    find: "const open = fields.filter(({ effect }) => effect !== 'guarded')",
    replace: 'const open = fields',
    test: TRUTH,
    title: /exactly what the audit calls within reach/,
  },
  {
    name: 'ways begin at queries only',
    file: REACH,
    find: 'for (const root of rootsOf(schema)) reach(root, [])',
    replace: 'for (const root of rootsOf(schema).slice(0, 1)) reach(root, [])',
    test: AUDIT,
    title: /begins at every root/,
  },
  {
    name: 'the rules of values are left out',
    file: REPORT,
    find: '    ...argumentsOf(field),\n',
    replace: '',
    test: AUDIT,
    title: /of values stands beside/,
  },
  {
    name: 'interfaces are no sources',
    file: REPORT,
    find: 'isDeclared ? readSources(field.sources()) : byDefault',
    replace: 'isDeclared ? readSources(field.sources()).slice(0, 1) : byDefault',
    test: AUDIT,
    title: /adds up what stands/,
  },
  {
    name: 'a directive on an extension alone is overlooked',
    file: 'src/graphql/annotations.ts',
    find: ' || (extensionASTNodes?.length ?? 0) > 0',
    replace: '',
    test: AUDIT,
    title: /stands on an extension alone/,
  },
  {
    name: 'payloads are not looked into',
    file: WARNINGS,
    find: 'return below.length > 0 ? listed(below) : undefined',
    replace: 'return undefined',
    test: AUDIT,
    title: /returns a guarded type in a payload/,
  },
  {
    name: 'subscriptions are not warned of',
    file: WARNINGS,
    find: '[schema.getMutationType(), schema.getSubscriptionType()]',
    replace: '[schema.getMutationType()]',
    test: AUDIT,
    title: /open subscription too/,
  },
  {
    name: 'interfaces are not warned of',
    file: WARNINGS,
    find: 'if (guarded.length === 0 || open.length === 0) return []',
    replace: 'if (open.length >= 0) return []',
    test: AUDIT,
    title: /what its interface promises/,
  },
  {
    name: 'optional mutations are not warned of',
    file: WARNINGS,
    find: "if (effect === 'public') return found",
    replace: 'if (found.length >= 0) return found',
    test: AUDIT,
    title: /tells of a mutation with no more/,
  },
  {
    name: 'rules inside an argument are not told of',
    file: 'src/graphql/audit/wording.ts',
    find: 'if (rule.requirement !== undefined) asking.push(',
    replace: 'if (rule === undefined) asking.push(',
    test: AUDIT,
    title: /of values stands beside the field/,
  },
]
