import type { IncomingMessage } from 'node:http'
import { isIP, SocketAddress } from 'node:net'

/** What a request without a socket comes from, such as one that a test makes. */
const NOWHERE = 'unknown'

/** The first six groups of an IPv4 address that a NAT64 translates (RFC 6052 section 2.1). */
const TRANSLATED = '64:ff9b:0:0:0:0'

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
  if (trustedProxies === 0) return direct
  const forwarded = (request.headersDistinct['x-forwarded-for'] ?? [])
    .join(',')
    .split(',')
    .map((entry) => withoutPort(entry.trim()))
  const hops = [...forwarded, direct].slice(-1 - trustedProxies)
  // Where a proxy named no address, the proxy itself is the nearest that is known.
  return hops.find((hop) => isIP(hop) !== 0) ?? direct
}

/** Some proxies add the port that they were called from. */
function withoutPort(entry: string): string {
  const [, bracketed, bare] = /^\[([^[\].]*:[^[\]]*)\](?::\d+)?$|^([^:]+):\d+$/.exec(entry) ?? []
  return bracketed ?? bare ?? entry
}

/**
 * What attempts are counted by: an IPv4 address, or the /64 of an IPv6 address, of which one customer has all.
 *
 * An IPv4 address that is written as an IPv6 one counts as itself: mapped (RFC 4291), or translated by a network that has IPv6 only (RFC 6052), where all of
 * IPv4 would be one /64.
 */
export function sourceKey(address: string): string {
  if (isIP(address) !== 6) return address
  // The one spelling of an address (RFC 5952), without its zone.
  const { address: canonical } = new SocketAddress({ address: address.replace(/%.*$/, ''), family: 'ipv6' })
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical)?.[1]
  if (mapped !== undefined) return mapped
  const groups = groupsOf(canonical)
  if (groups.slice(0, 6).join(':') === TRANSLATED) return ipv4Of(groups.slice(6))
  return `${groups.slice(0, 4).join(':')}::/64`
}

function ipv4Of(groups: readonly string[]): string {
  return groups
    .map((group) => Number.parseInt(group, 16))
    .flatMap((two) => [two >> 8, two & 255])
    .join('.')
}

function groupsOf(address: string): readonly string[] {
  const [before = '', after] = address.split('::')
  const head = before === '' ? [] : before.split(':')
  if (after === undefined) return head
  const tail = after === '' ? [] : after.split(':')
  return [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail]
}
