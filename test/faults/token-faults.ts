import type { Fault } from './faults.ts'

const STRICT = 'src/core/strict-json.ts'
const CODEC = 'src/core/codec.ts'

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
    find: '    const payload = readSegment(segments[1])\n',
    replace:
      '    const payload = readSegment(segments[1])\n    if (!(header instanceof Refusal)) this.#headers.remember(segments[0], header)\n',
    test: 'test/core/token-header.test.ts',
    title: /forged ones take no place/,
  },
]
