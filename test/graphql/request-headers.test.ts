import { afterEach, describe, expect, test } from 'vitest'
import { distinctValues } from '../../src/graphql/request-headers.ts'

const TWICE = ['Authorization', 'Bearer one', 'authorization', 'Basic two']
const BOTH = ['Bearer one', 'Basic two']
/** As Node has it beside that list: the second is hidden. */
const JOINED = { headers: { authorization: 'Bearer one' } }

describe("a request's headers", () => {
  test.each([
    ['Node', { rawHeaders: TWICE }],
    ['Fastify', { raw: { rawHeaders: TWICE } }],
    ['Koa', { req: { rawHeaders: TWICE } }],
    [
      'Node, where an app keeps the bytes of the body as `raw`',
      { rawHeaders: TWICE, raw: Buffer.from('{}') },
    ],
    [
      'Node, where it keeps a body as `raw`',
      { rawHeaders: TWICE, raw: { rawHeaders: ['Authorization', 'x'] } },
    ],
  ])('are seen one by one behind %s', (_, node) => {
    expect(distinctValues(node as never, JOINED, 'authorization')).toEqual(BOTH)
  })

  test('are those that a plugin added, where Node got none of the name', () => {
    expect(distinctValues({ rawHeaders: ['Host', 'x'] }, JOINED, 'authorization')).toEqual(['Bearer one'])
    expect(distinctValues(null, JOINED, 'authorization')).toEqual(['Bearer one'])
    expect(distinctValues(undefined, undefined, 'authorization')).toEqual([])
  })

  describe('in a process whose prototypes were polluted', () => {
    afterEach(() => Reflect.deleteProperty(Object.prototype, 'authorization'))

    test('are their own', () => {
      Reflect.set(Object.prototype, 'authorization', 'Bearer of another')
      expect(distinctValues({ rawHeaders: [] }, { headers: {} }, 'authorization')).toEqual([])
    })
  })
})
