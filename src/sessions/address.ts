import { isIPv4, isIPv6 } from 'node:net'

/** An address in its plain form: without the port that some proxies add, and without the IPv6 prefix of an IPv4 address. */
export function plainAddress(text: string): string {
  const [, v6, v4] = WITH_PORT.exec(text) ?? []
  return (v6 ?? v4 ?? text).replace(/^::ffff:(?=\d+\.)/i, '')
}

const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+)):\d{1,5}$/

/**
 * The network of an address: `203.0.113.0/24`, `2001:db8:7::/48`. It shows whether a login came from another place, but does not
 * identify a person. Text that is not an address becomes `unknown`.
 */
export function maskAddress(address: string): string {
  const plain = plainAddress(address).toLowerCase()
  if (isIPv4(plain)) return `${plain.slice(0, plain.lastIndexOf('.'))}.0/24`
  if (isIPv6(plain)) return `${firstGroups(plain.replace(/%.*$/, ''))}::/48`
  return 'unknown'
}

function firstGroups(address: string): string {
  const [left = [], right = []] = address
    .replace(/\d+\.\d+\.\d+\.\d+$/, '0:0') // the last two groups may be written as IPv4
    .split('::')
    .map((side) => side.split(':').filter((group) => group !== ''))
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right]
    .slice(0, 3)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
