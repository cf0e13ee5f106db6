import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import {
  formatToken,
  hashSecret,
  newHandle,
  newSecret,
  newSessionId,
  readToken,
} from '../../src/sessions/token.ts'
import { anyText } from '../support/any-text.ts'

t.test('a token is a handle and a secret; stores see only a keyed hash of the secret', async (t) => {
  const [handle, secret] = [newHandle(randomBytes), newSecret(randomBytes)]
  t.strictSame(readToken(formatToken(handle, secret)), { handle, secret })
  const hash = createHash('sha256').update(`key${secret}`).digest('base64url')
  t.equal(hashSecret('key', secret), hash)
  t.not(hashSecret('', secret), hash)
})

t.test('a secret has 256 random bits, a handle 96, a session id 72', async (t) => {
  const sizes: number[] = []
  const random = (size: number) => {
    sizes.push(size)
    return Buffer.alloc(size)
  }
  for (const make of [newSecret, newHandle, newSessionId]) make(random)
  t.strictSame(sizes, [32, 12, 9])
})

t.test(
  'A 7.2.3: of a hundred thousand secrets no two are the same, and every byte is as likely',
  async (t) => {
    const seen = new Set<string>()
    const counts = new Array<number>(256).fill(0)
    for (let i = 0; i < 100_000; i++) {
      const secret = newSecret(randomBytes)
      seen.add(secret)
      for (const byte of Buffer.from(secret, 'base64url')) counts[byte] = (counts[byte] ?? 0) + 1
    }
    t.equal(seen.size, 100_000)
    const expected = (100_000 * 32) / 256
    const chi2 = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    t.ok(chi2 > 120 && chi2 < 430, `chi² is ${chi2.toFixed(1)} for 255 degrees of freedom`) // once in a thousand million runs
  },
)

t.test('a hash has 43 characters, and another one for another secret', async () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      assert.match(hashSecret('key', a), /^[\w-]{43}$/)
      assert.equal(hashSecret('key', a) === hashSecret('key', b), a === b)
    }),
  )
})

t.test('what has not the form of a token proves nothing, whatever it is', async () => {
  fc.assert(
    fc.property(anyText({ maxLength: 80 }), (text) => {
      assert.equal(readToken(text), null)
    }),
  )
  const token = formatToken('h'.repeat(16), 's'.repeat(43))
  for (const text of [
    `${token}=`,
    ` ${token}`,
    `${token}\n`,
    token.slice(1),
    token.replace('.', '!'),
    '',
  ])
    t.equal(readToken(text), null)
})
