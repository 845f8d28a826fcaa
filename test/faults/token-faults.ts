import type { Fault } from './faults.ts'

const STRICT = 'src/core/strict-json.ts'
const CODEC = 'src/core/codec.ts'
const VERIFIED = 'src/core/verified-tokens.ts'

/** Ways to misread a token's text. */
export const TOKEN_FAULTS: readonly Fault[] = [
  {
    name: 'the last of two equal names wins',
    file: STRICT,
    find: 'depth <= DEEPEST && names === countMembers(value, depth)',
    replace: 'depth <= DEEPEST && names >= countMembers(value, depth)',
    test: 'test/core/strict-json.test.ts',
    title: /refuses a name that comes twice/,
  },
  {
    name: 'names are counted in the outermost object alone',
    file: STRICT,
    find: 'if (levels > 1) for (const member of Object.values(value)) members',
    replace: 'if (levels > 99) for (const member of Object.values(value)) members',
    test: 'test/core/strict-json.test.ts',
    title: /lets one name be in two objects/,
  },
  {
    name: 'a token has a member called __proto__',
    file: STRICT,
    find: "if (Object.hasOwn(value, '__proto__')) return Number.NaN",
    replace: '',
    test: 'test/core/strict-json.test.ts',
    title: /refuses the name __proto__/,
  },
  {
    name: 'headers are remembered before a signature covers them',
    file: CODEC,
    find: '    if (header instanceof Refusal) return header\n',
    replace:
      '    if (header instanceof Refusal) return header\n    this.#headers.remember(segment, header)\n',
    test: 'test/core/token-header.test.ts',
    title: /forged ones take no place/,
  },
  {
    name: 'the payload is what jsonwebtoken makes of it',
    file: CODEC,
    find: 'const payload = checkedPayload(read.payload, segments[1])',
    replace: 'const payload = read.payload as Record<string, unknown>',
    test: 'test/core/claims.test.ts',
    title: /CLM-01: refuses a claim that comes twice/,
  },
  {
    name: 'a text that ends like a remembered token is taken for it',
    file: VERIFIED,
    find: 'found?.token === token ? found.verified : undefined',
    replace: 'found?.verified',
    test: 'test/core/verified-tokens.test.ts',
    title: /by its exact text/,
  },
  {
    name: 'a remembered token is good before its time',
    file: CODEC,
    find: 'Math.max(nbf, iat, authTime)',
    replace: 'iat',
    test: 'test/core/verified-tokens.test.ts',
    title: /early again/,
  },
  {
    name: 'a token is remembered at once',
    file: VERIFIED,
    find: 'if (!this.#once.sawBefore(word)) return',
    replace: '',
    test: 'test/core/verified-tokens.test.ts',
    title: /nor is one that came once/,
  },
]
