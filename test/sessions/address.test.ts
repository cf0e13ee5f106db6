import assert from 'node:assert/strict'
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { maskAddress, plainAddress } from '../../src/sessions/address.ts'

t.test('an IPv4 address becomes its /24', async (t) => {
  t.equal(maskAddress('203.0.113.77'), '203.0.113.0/24')
  t.equal(maskAddress('::ffff:203.0.113.77'), '203.0.113.0/24')
  t.equal(maskAddress('::FFFF:203.0.113.77'), '203.0.113.0/24')
})

t.test('an IPv6 address becomes its /48', async (t) => {
  t.equal(maskAddress('2001:db8:7:1::9'), '2001:db8:7::/48')
  t.equal(maskAddress('2001:0DB8:0007:0001:0:0:0:9'), '2001:db8:7::/48')
  t.equal(maskAddress('fe80::1%eth0'), 'fe80:0:0::/48')
  t.equal(maskAddress('::1'), '0:0:0::/48')
  t.equal(maskAddress('2001:db8::'), '2001:db8:0::/48')
})

t.test('anything else is unknown', async (t) => {
  for (const text of ['', 'unix:', 'localhost', '1.2.3', '1.2.3.4.5', '1.2.3.4/8', '::ffff:1.2.3'])
    t.equal(maskAddress(text), 'unknown')
})

t.test('any address lies in the network that is shown, and the network says no more', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const shown = maskAddress(address)
      const [network = '', bits] = shown.split('/')
      assert.equal(bits, isIPv4(network) ? '24' : '48')
      assert.ok(isIPv4(network) || isIPv6(network), shown)
      const list = new BlockList()
      list.addSubnet(network, Number(bits), isIPv4(network) ? 'ipv4' : 'ipv6')
      assert.ok(list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6'), `${address} in ${shown}`)
    }),
  )
})

t.test('any text is masked or unknown', async () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.match(maskAddress(text), /^([\d.]+\/24|[\da-f:]+\/48|unknown)$/)
    }),
  )
})

t.test('what proxies write around an address is left out, also before it is masked', async (t) => {
  for (const [text, plain, masked] of [
    ['203.0.113.5:4711', '203.0.113.5', '203.0.113.0/24'],
    ['[2001:db8:7::1]:443', '2001:db8:7::1', '2001:db8:7::/48'],
    ['::FFFF:203.0.113.5', '203.0.113.5', '203.0.113.0/24'],
    ['2001:db8:7::1', '2001:db8:7::1', '2001:db8:7::/48'],
    ['elsewhere', 'elsewhere', 'unknown'],
  ] as const) {
    t.equal(plainAddress(text), plain)
    t.equal(maskAddress(text), masked)
  }
})
