import ipaddr from 'ipaddr.js'
import { plainAddress } from '../sessions/address.ts'

/**
 * What counts as one network: an IPv4 address, also in its IPv6 forms, or an IPv6 /64, which is what one household or one rented
 * server has. A port that a proxy added is removed. All text that is not an address counts as one network.
 */
export function networkOf(text: string): string {
  return blockOf(text, 64)
}

/**
 * What counts as one customer of a provider: an IPv4 address or an IPv6 /48 (RFC 6177). One customer may have 65,536 /64
 * networks, but must not get as many retry slots or shares of the queue.
 */
export function siteOf(text: string): string {
  return blockOf(text, 48)
}

function blockOf(text: string, bits: 48 | 64): string {
  const address = plainAddress(text)
  if (!ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  const parts = parsed.parts.slice(0, bits / 16).map((part) => part.toString(16))
  return `${parts.join(':')}::/${bits}`
}
