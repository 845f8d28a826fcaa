import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { Codec } from '../../src/core/codec.ts'
import { Refusal } from '../../src/core/refusal.ts'
import { TokenHeaders } from '../../src/core/token-header.ts'
import { cases } from '../harness/cases.ts'
import { ACCESS, encode, forge, forgeRefresh, signature } from '../harness/forge.ts'
import { testSettings } from '../harness/instance.ts'
import { signs, testKey } from '../harness/keys.ts'
import { verifications } from '../harness/verifications.ts'

const [HS, RS] = [testKey('HS256'), testKey('RS256')]
const codec = new Codec(testSettings({ keys: [signs(HS), signs(RS)] }))

function outcome(token: string): string {
  const verified = codec.verify(token)
  return verified instanceof Refusal ? verified.reason : 'accepted'
}

describe('TOK-10', () => {
  test.each([
    ['crit', ['exp']],
    ['crit', []],
    ['crit', null],
    ['b64', false],
    ['b64', true],
    ['zip', 'DEF'],
  ])('TOK-10: refuses the header %s: %o, before any cryptography', (name, value) => {
    const token = forge({ key: HS, header: { [name]: value } })
    expect(verifications(() => expect(outcome(token)).toBe('TOKEN_INVALID'))).toBe(0)
  })

  test('TOK-10: lets through a header name that means nothing', () => {
    expect(outcome(forge({ key: HS, header: { cty: 'x', x: 1 } }))).toBe('accepted')
  })
})

describe('a header that is known', () => {
  test('is one by its exact text, and covered by the signature like any other', () => {
    const good = forge({ key: HS })
    expect(outcome(good)).toBe('accepted')
    const [, payload, written] = good.split('.')
    for (const header of [{ crit: ['exp'] }, { alg: 'none' }, { alg: 'RS256', kid: RS.kid }, { x: 1 }]) {
      const [other] = forge({ key: HS, header }).split('.')
      expect([header, outcome(`${other}.${payload}.${written}`)]).toEqual([header, 'TOKEN_INVALID'])
    }
  })

  test('was over a good signature: forged ones take no place', () => {
    const reader = new TokenHeaders()
    const own = new Codec(testSettings({ keys: [signs(HS)] }))
    const before = reader.read(encode({ alg: 'HS256', typ: 'at+jwt', kid: HS.kid }))
    expect(before).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: HS.kid })
    const remembered = vi.spyOn(TokenHeaders.prototype, 'remember')
    const [header, payload] = forge({ key: HS }).split('.')
    own.verify(`${header}.${payload}.${'A'.repeat(43)}`)
    expect(remembered).not.toHaveBeenCalled()
    own.verify(forge({ key: HS }))
    expect(remembered).toHaveBeenCalledTimes(1)
    remembered.mockRestore()
  })

  test('is one of few', () => {
    const reader = new TokenHeaders()
    const first = { alg: 'a', typ: 'b', kid: '0' }
    for (let kid = 0; kid < 1000; kid += 1) reader.remember(`${kid}`, { ...first, kid: `${kid}` })
    expect([reader.read('0'), reader.read('999')]).toEqual([first, expect.any(Refusal)])
  })
})

test('TOK-11: no key comes out of a header, and nothing is fetched for one', async () => {
  const requests: (string | undefined)[] = []
  const canary = createServer((request, response) => {
    requests.push(request.url)
    response.end('{"keys":[]}')
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`
  const attacker = { ...testKey('RS256', 'attacker'), kid: RS.kid }
  const jwk = typeof attacker.verifying === 'string' ? {} : attacker.verifying.export({ format: 'jwk' })
  const headers = [
    { jwk },
    { jku: `${url}/jku` },
    { x5u: `${url}/x5u` },
    { x5c: [url] },
    { x5t: 'x' },
    { 'x5t#S256': 'x' },
  ]
  for (const header of headers) {
    // By the attacker's key, and by our own: the header alone is reason enough.
    for (const key of [attacker, RS]) expect(outcome(forge({ key, header }))).toBe('TOKEN_INVALID')
  }
  // The canary lives, and whatever was sent before this came before it.
  await fetch(`${url}/sentinel`)
  await new Promise((resolve) => canary.close(resolve))
  expect(requests).toEqual(['/sentinel'])
})

test.each(
  cases(
    'unknown',
    '',
    '__proto__',
    'constructor',
    'toString',
    '../../dev/null',
    "' OR 1=1",
    'HS256',
    ' hs256',
    'k'.repeat(5000),
    0,
    null,
    undefined,
    {},
    ['hs256'],
  ),
)('TOK-12: refuses the kid %o, before any cryptography', (kid) => {
  const token = forge({ key: HS, header: { kid } })
  expect(verifications(() => expect(outcome(token)).toBe('TOKEN_INVALID'))).toBe(0)
})

test('TOK-12: an empty secret opens nothing where a kid is unknown', () => {
  for (const kid of ['unknown', '../../dev/null', undefined]) {
    const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${encode(ACCESS)}`
    expect(outcome(`${input}.${signature({ ...HS, signing: '' }, input)}`)).toBe('TOKEN_INVALID')
  }
})

test.each(
  cases('JWT', 'jwt', 'rt+jwt', 'AT+JWT', 'application/at+jwt', 'dpop+jwt', '', undefined, 5, ['at+jwt']),
)('TOK-13: refuses an access token of typ %o', (typ) => {
  expect(outcome(forge({ key: HS, header: { typ } }))).toBe('TOKEN_INVALID')
})

test('TOK-13: refuses a refresh token that calls itself an access token, in its header or its claims', () => {
  expect(outcome(forgeRefresh({ key: HS }))).toBe('accepted')
  expect(outcome(forgeRefresh({ key: HS, header: { typ: 'at+jwt' } }))).toBe('TOKEN_INVALID')
  expect(outcome(forgeRefresh({ key: HS, payload: { type: 'access', fresh: true } }))).toBe('TOKEN_INVALID')
})
