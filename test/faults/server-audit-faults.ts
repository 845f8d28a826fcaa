import type { Fault } from './faults.ts'

const TEST = 'test/testing/audit-proofs.test.ts'
const PROOFS = 'src/testing/auth-audits/proofs.ts'
const SERVER = 'src/testing/auth-audits/audited-server.ts'

/** Ways in which the audit of a server could call something a refusal that is none. */
export const SERVER_AUDIT_FAULTS: readonly Fault[] = [
  {
    name: 'a document that is wrong is taken for one that is refused',
    file: 'src/testing/auth-audits/refusal.ts',
    find: 'if (isMistaken(errors)) return false',
    replace: 'if (isMistaken([])) return false',
    test: TEST,
    title: /refused to everybody, .* of who has no right/,
  },
  {
    name: 'a mutation that a good login cannot run is not run without one either',
    file: PROOFS,
    find: 'return reading.isGranted ? document : server.unaskable(blamed, reading)',
    replace: 'return document',
    test: TEST,
    title: /refused to everybody, .* of a mutation, where any would have been run/,
  },
  {
    name: 'a query that a good login is not answered is not answered without one either',
    file: SERVER,
    find: "if (!reading.isGranted) unaskable('query', reading)\n      used",
    replace: 'used',
    test: TEST,
    title: /refused to everybody, .* of a query/,
  },
  {
    name: 'a token that has not expired is taken for one that has',
    file: PROOFS,
    find: "if (!(await hasPassed(server, claims.exp))) server.unaskable('expired', 'its exp has not passed')",
    replace: '',
    test: TEST,
    title: /is not tried: .*one whose time has not come/,
  },
  {
    name: 'garbage is taken for a token that has expired',
    file: PROOFS,
    find: "if (isJwt) server.unaskable('expired', 'is no signed JWT, as the tokens of logins are')",
    replace: 'void isJwt',
    test: TEST,
    title: /is not tried: .*one that never was good/,
  },
  {
    name: 'tokens are judged by a query that anybody may have',
    file: SERVER,
    find: "if (!(await server.isQueryGuarded())) skip('the query is answered without a token')",
    replace: 'await server.isQueryGuarded()',
    test: TEST,
    title: /the query needs no login .* what depends on it is skipped/,
  },
  {
    name: 'a token that a logout has ended is taken for that of a new login',
    file: SERVER,
    find: "if (used.has(token)) skip('every login has the same token')",
    replace: '',
    test: TEST,
    title: /have the same token .*for ever, no audit ends it/,
  },
]
