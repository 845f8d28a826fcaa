import type { Fault } from './faults.ts'

const SOCKETS = 'src/graphql/adapters/graphql-ws.ts'
const ADAPTERS_TEST = 'test/graphql/adapters.test.ts'
const SOCKETS_TEST = 'test/graphql/graphql-ws.test.ts'

/** Ways to weaken the adapters; more of them are in compat/servers. */
export const ADAPTER_FAULTS: readonly Fault[] = [
  {
    name: 'graphql-ws: a schema that comes with an operation is not looked at',
    file: SOCKETS,
    find: 'if (unprotected !== undefined) return',
    replace: 'if (unprotected === null) return',
    test: SOCKETS_TEST,
    title: /gives nothing of a schema that was never protected/,
  },
  {
    name: 'adapters: what another instance protected is served',
    file: 'src/graphql/protect.ts',
    find: 'asking.every((resolver) => guard.stands(resolver))',
    replace: 'asking.every((resolver) => guard.stands(resolver) || isGuarded(resolver))',
    test: ADAPTERS_TEST,
    title: /refuses a schema that another instance protected/,
  },
  {
    name: 'adapters: anything is taken for an instance',
    file: 'src/graphql/serving-of.ts',
    find: "if (typeof serving?.beginServing === 'function') return",
    replace: 'if (serving !== null) return',
    test: ADAPTERS_TEST,
    title: /refuses what is no AuthX instance/,
  },
]
