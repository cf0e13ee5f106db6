import { isIPv4, isIPv6 } from 'node:net'

/** An address without what is written around it: the port that some proxies add, and IPv4 as a part of IPv6. */
export function plainAddress(text: string): string {
  const [, v6, v4] = WITH_PORT.exec(text) ?? []
  return (v6 ?? v4 ?? text).replace(/^::ffff:(?=\d+\.)/i, '')
}

const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+)):\d{1,5}$/

/**
 * An address with its host part left out, as a network: `203.0.113.0/24`, `2001:db8:7::/48`. Enough to tell home from
 * abroad, too little to find a person by. Text that is no address becomes `unknown`.
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
