import { describe, expect, it } from 'vitest'
import { type AddressedRequest, sourceAddress, sourceKey } from '../../src/server/source-address.ts'

/** Where a request comes from whose last proxy is 10.0.0.1. */
const from = (forwarded: string, proxies: number): string =>
  sourceAddress(
    {
      headersDistinct: { 'x-forwarded-for': [forwarded] },
      socket: { remoteAddress: '10.0.0.1' },
    } as unknown as AddressedRequest,
    proxies,
  )

describe('X-Forwarded-For', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:443', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['6.6.6.6, [2001:db8::1]:443', '2001:db8::1'],
    ['192.0.2.1:443, 6.6.6.6:', '10.0.0.1'],
  ])('LOG-04: names an address, with a port or without: %s', (entry, address) => {
    expect(from(entry, 1)).toBe(address)
  })

  it('LOG-04: names it behind a second proxy that adds ports too', () => {
    expect(from('6.6.6.6, 192.0.2.1:9, 10.0.0.2:9', 2)).toBe('192.0.2.1')
  })

  it.each([
    'unknown',
    '_hidden',
    '192.0.2.1:x',
    '192.0.2.1:443:443',
    '[192.0.2.1]:443',
    '[2001:db8::1',
    '2001:db8::1]:443',
    '[[2001:db8::1]]',
    '[2001:db8::1]443',
    ':443',
    '',
  ])('LOG-04: names nobody otherwise: %s', (entry) => {
    expect(from(entry, 1)).toBe('10.0.0.1')
  })
})

describe('what attempts are counted by', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '192.0.2.1'],
    ['64:ff9b::c000:201', '192.0.2.1'],
    ['64:FF9B:0:0:0:0:c000:201', '192.0.2.1'],
    ['64:ff9b::', '0.0.0.0'],
    ['64:ff9b::1:0:0', '64:ff9b:0:0::/64'],
    ['64:ff9b:0:1::c000:201', '64:ff9b:0:1::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('LOG-04: of %s is %s', (address, key) => {
    expect(sourceKey(address)).toBe(key)
  })
})
