import ipaddr from 'ipaddr.js'

/**
 * What counts as one client: an IPv4 address, also in its IPv6 spellings, or an IPv6 /64, which is what one household or
 * one rented server has to itself. Some proxies give the port with it. Text that is no address is all one client.
 */
export function networkOf(text: string): string {
  const [, v6, v4] = WITH_PORT.exec(text) ?? []
  const address = v6 ?? v4 ?? text
  if (!ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}

const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+)):\d{1,5}$/
