import { randomBytes } from 'node:crypto'
import t from 'tap'
import { hashServiceKey, isServiceKey, newServiceKey } from '../../src/keys/service-key.ts'

t.test('a key is told from other text by its prefix and its checksum', async (t) => {
  const key = newServiceKey(randomBytes)
  t.match(key, /^osk_[\w-]{49}$/)
  t.ok(isServiceKey(key))
  for (const other of [
    '',
    'osk_',
    key.slice(1),
    `${key}x`,
    key.replace('osk_', 'osk-'),
    key.slice(0, 10) + (key[10] === 'A' ? 'B' : 'A') + key.slice(11),
    key.slice(0, -1) + (key.at(-1) === 'A' ? 'B' : 'A'),
  ])
    t.notOk(isServiceKey(other), other)
})

t.test('all its 256 bits are random, and what is kept of it is no key', async (t) => {
  const keys = new Set(Array.from({ length: 100 }, () => newServiceKey(randomBytes)))
  t.equal(keys.size, 100)
  const [key = ''] = keys
  t.match(hashServiceKey(key), /^[\w-]{43}$/)
  t.notOk(hashServiceKey(key).includes(key.slice(4, 20)))
})
