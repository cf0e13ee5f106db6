import fc from 'fast-check'
import t from 'tap'
import { networkOf, siteOf } from '../../src/throttle/network.ts'

t.test('R-6, V-19: an IPv4 address is one client, however it is written', async (t) => {
  for (const text of [
    '203.0.113.7',
    '203.0.113.7:41234',
    '::ffff:203.0.113.7',
    '[::ffff:203.0.113.7]:80',
    '::FFFF:203.0.113.7',
    '::ffff:cb00:7107',
  ])
    t.equal(networkOf(text), '203.0.113.7', text)
  t.not(networkOf('203.0.113.8'), networkOf('203.0.113.7'))
})

t.test('R-6, V-19: an IPv6 /64 is one client, however it is written', async (t) => {
  for (const text of [
    '2001:db8:1:2::1',
    '2001:DB8:1:2:ffff:ffff:ffff:ffff',
    '2001:0db8:0001:0002:0000:0000:0000:0009',
    '2001:db8:1:2::1%eth0',
    '[2001:db8:1:2::1]:41234',
  ])
    t.equal(networkOf(text), '2001:db8:1:2::/64', text)
  t.not(networkOf('2001:db8:1:3::1'), networkOf('2001:db8:1:2::1'))
})

t.test('a customer of a provider is an IPv4 address, or an IPv6 /48', async (t) => {
  for (const text of ['203.0.113.7', '::ffff:203.0.113.7', '203.0.113.7:41234'])
    t.equal(siteOf(text), '203.0.113.7', text)
  for (const text of ['2001:db8:1:2::1', '2001:DB8:1::', '[2001:db8:1:ffff::1]:80'])
    t.equal(siteOf(text), '2001:db8:1::/48', text)
  t.not(siteOf('2001:db8:2::1'), siteOf('2001:db8:1::1'))
})

t.test('text that is no address is all one client', async () => {
  const isUnknown = (text: string) => [networkOf, siteOf].every((of) => of(`x${text}`) === 'unknown')
  fc.assert(fc.property(fc.string(), isUnknown))
})
