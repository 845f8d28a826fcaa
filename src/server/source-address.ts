import type { IncomingMessage } from 'node:http'
import { isIP, SocketAddress } from 'node:net'

/** What a request without a socket comes from, such as one that a test makes. */
const NOWHERE = 'unknown'

/** The part of a node:http request that tells where it comes from. */
export type AddressedRequest = Pick<IncomingMessage, 'headersDistinct' | 'socket'>

/**
 * The address that a request comes from: the socket's, unless trusted proxies stand in between.
 *
 * Each proxy adds to X-Forwarded-For whom it was called by, so of a list only as many entries count, from its end, as there are trusted proxies; what
 * stands before those was written by the client.
 */
export function sourceAddress(request: AddressedRequest | undefined, trustedProxies: number): string {
  const direct = request?.socket.remoteAddress
  if (request === undefined || direct === undefined) return NOWHERE
  const forwarded = (request.headersDistinct['x-forwarded-for'] ?? [])
    .join(',')
    .split(',')
    .map((entry) => entry.trim())
  const hops = [...forwarded, direct].slice(-1 - trustedProxies)
  // Where a proxy named no address, the proxy itself is the nearest that is known.
  return hops.find((hop) => isIP(hop) !== 0) ?? direct
}

/** What attempts are counted by: an IPv4 address, or the /64 of an IPv6 address, of which one customer has all. */
export function sourceKey(address: string): string {
  if (isIP(address) !== 6) return address
  // The one spelling of an address (RFC 5952), without its zone.
  const { address: canonical } = new SocketAddress({ address: address.replace(/%.*$/, ''), family: 'ipv6' })
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical)?.[1]
  return mapped ?? `${groupsOf(canonical).slice(0, 4).join(':')}::/64`
}

function groupsOf(address: string): readonly string[] {
  const [before = '', after] = address.split('::')
  const head = before === '' ? [] : before.split(':')
  if (after === undefined) return head
  const tail = after === '' ? [] : after.split(':')
  return [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail]
}
