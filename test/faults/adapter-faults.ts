import type { Fault } from './faults.ts'

const SOCKETS = 'src/graphql/adapters/graphql-ws.ts'
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
]
