import { createHmac } from 'node:crypto'
import { hash as bcrypt } from 'bcrypt'
import t from 'tap'
import { argon2Hash, bcryptHash, pbkdf2Hash, scryptHash } from '../../src/accounts/hash-functions.ts'

const BYTES = Buffer.alloc(32)

t.test(
  'bcrypt looks at 72 bytes, and takes what is repeated after a zero byte for the same',
  async (t) => {
    const long = 'é'.repeat(35) // 70 bytes
    for (const [real, typed, isWhole] of [
      ['short', 'short', true],
      [`${long}x`, `${long}x`, true],
      [`${long}xy`, `${long}xy`, false],
      [`${long}xy and its end`, `${long}xy`, false],
      [`${long}xy and its end`, `${long}xy and its ned`, false],
      ['a', 'a\0a', false],
    ] as const) {
      const hash = bcryptHash(await bcrypt(real, 4), 'nothing')
      t.equal(await hash.matches(typed), true, typed)
      t.equal(hash.isWhole(typed), isWhole, typed)
    }
  },
)

t.test(
  'Django’s bcrypt sees all of a password, and WordPress all but the space around it',
  async (t) => {
    const long = 'x'.repeat(300)
    const django = bcryptHash(
      await bcrypt('2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae', 4),
      'django',
    )
    t.equal(await django.matches('foo'), true)
    t.equal(await django.matches('foo '), false)
    t.equal(django.isWhole(long), true)
    const key = createHmac('sha384', 'wp-sha384').update(long).digest('base64')
    const wordpress = bcryptHash(await bcrypt(key, 4), 'wordpress')
    for (const [typed, isWhole] of [
      [long, true],
      [` ${long}\n`, false],
    ] as const) {
      t.equal(await wordpress.matches(typed), true)
      t.equal(wordpress.isWhole(typed), isWhole)
    }
    t.equal(await wordpress.matches(`${long}x`), false)
  },
)

t.test('HMAC takes zero bytes at the end for nothing; argon2 does not', async (t) => {
  for (const hash of [
    scryptHash({ N: 2, r: 1, p: 1 }, BYTES, BYTES),
    pbkdf2Hash('sha1', 1, BYTES, BYTES),
  ]) {
    t.equal(hash.isWhole('a\0b'), true)
    t.equal(hash.isWhole('ab\0'), false)
  }
  t.equal(argon2Hash('', 'id', [8, 1, 1]).isWhole('ab\0'), true)
})

t.test('hashes of one family differ in the amount of work only', async (t) => {
  const { family, work } = pbkdf2Hash('sha1', 1_000, BYTES, BYTES)
  t.strictSame([family, work], ['pbkdf2 sha1', 2_000], 'two blocks of 20 bytes')
  t.match(pbkdf2Hash('sha256', 1_000, BYTES, BYTES), { family: 'pbkdf2 sha256', work: 1_000 })
  t.match(scryptHash({ N: 16, r: 8, p: 3 }, BYTES, BYTES), { family: 'scrypt', work: 384 })
  t.match(bcryptHash(`$2y$10$${'a'.repeat(53)}`, 'nothing'), { family: 'bcrypt', work: 1_024 })
  t.match(argon2Hash('', 'i', [64, 3, 2]), { family: 'argon2i t=3 p=2', work: 64 })
})

t.test('work that is too little for a family is left out', async (t) => {
  await argon2Hash('', 'id', [64, 1, 4]).spend(31)
  await bcryptHash(`$2b$04$${'a'.repeat(53)}`, 'nothing').spend(15)
  await scryptHash({ N: 16, r: 8, p: 1 }, BYTES, BYTES).spend(127)
  t.pass()
})

t.test('costs that cannot be computed are an error, not a no', async (t) => {
  const huge = scryptHash({ N: 2 ** 24, r: 2 ** 20, p: 1 }, BYTES, BYTES)
  await t.rejects(huge.matches('x'))
})
