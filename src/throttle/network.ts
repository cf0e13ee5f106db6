import ipaddr from 'ipaddr.js'
import { plainAddress } from '../sessions/address.ts'

/**
 * What counts as one client: an IPv4 address, also in its IPv6 spellings, or an IPv6 /64, which is what one household or
 * one rented server has to itself. Some proxies give the port with it. Text that is no address is all one client.
 */
export function networkOf(text: string): string {
  const address = plainAddress(text)
  if (!ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}
