import { randomBytes, scryptSync } from 'node:crypto'
import { hash as argon2, argon2i } from 'argon2'
import { hash as bcrypt } from 'bcrypt'
import t from 'tap'
import { refuseHash, verifyForeign } from '../../src/accounts/foreign-hashes.ts'
import { openPasswords } from '../../src/accounts/passwords.ts'

const PASSWORD = 'as it was elsewhere'

t.test('bcrypt, under each of its names', async (t) => {
  const made = await bcrypt(PASSWORD, 4)
  for (const name of ['$2a', '$2b', '$2y']) {
    const stored = name + made.slice(3)
    t.equal(refuseHash(stored), null)
    t.equal(await verifyForeign(stored, PASSWORD), true)
    t.equal(await verifyForeign(stored, `${PASSWORD}!`), false)
  }
})

t.test('scrypt, as a PHC string', async (t) => {
  for (const [ln, r, p] of [
    [4, 8, 1],
    [10, 1, 3],
  ] as const) {
    const stored = scryptHash(PASSWORD, ln, r, p)
    t.equal(refuseHash(stored), null)
    t.equal(await verifyForeign(stored, PASSWORD), true)
    t.equal(await verifyForeign(stored, `${PASSWORD}!`), false)
  }
})

t.test('scrypt: the vector of RFC 7914 §12, which has a salt of 4 bytes', async (t) => {
  const key = Buffer.from(
    'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' +
      '2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    'hex',
  )
  const stored = `$scrypt$ln=10,r=8,p=16$${plain64(Buffer.from('NaCl'))}$${plain64(key)}`
  t.equal(await verifyForeign(stored, 'password'), true)
  t.equal(await verifyForeign(stored, 'passwore'), false)
  t.equal(await verifyForeign('$scrypt$nothing', 'password'), false)
})

t.test('what cannot be verified, or costs too much, is refused with a reason', async (t) => {
  const salt = 'A'.repeat(22)
  const wrong: [hash: string, why: RegExp][] = [
    ['', /only argon2, bcrypt and scrypt/],
    ['plain text', /only argon2, bcrypt and scrypt/],
    ['$1$md5$crypt', /only argon2, bcrypt and scrypt/],
    [`$argon2id$v=16$m=8,t=1,p=1$${salt}$${salt}`, /only argon2/],
    [`$argon2id$v=19$m=8,m=9,t=1$${salt}$${salt}`, /one each of m, t and p/],
    [`$argon2id$v=19$m=9999999,t=1,p=1$${salt}$${salt}`, /1 GiB/],
    [`$argon2id$v=19$m=1048576,t=99,p=1$${salt}$${salt}`, /8 GiB of work/],
    [`$argon2id$v=19$m=64,t=1,p=99$${salt}$${salt}`, /16 lanes/],
    ['$2b$10$tooshort', /no whole bcrypt/],
    [`$2b$17$${'a'.repeat(53)}`, /above 16/],
    [`$2b$99$${'a'.repeat(53)}`, /no whole bcrypt/],
    [`$scrypt$ln=4,r=8$${salt}$${salt}`, /of the form/],
    [`$scrypt$ln=23,r=1,p=1$${salt}$${salt}`, /of the form/],
    [`$scrypt$ln=20,r=8,p=1$${salt}$${salt}`, /512 MiB/],
  ]
  for (const [stored, why] of wrong) t.match(refuseHash(stored), why, stored)
})

t.test('every kind is verified at login, and asks to be replaced by today’s', async (t) => {
  const passwords = openPasswords({ memoryKib: 8, passes: 1, concurrency: 1, queue: 9 })
  const foreign = [
    await bcrypt(PASSWORD, 4),
    scryptHash(PASSWORD, 4, 8, 1),
    await argon2(PASSWORD, { type: argon2i, memoryCost: 8, timeCost: 1, parallelism: 1 }),
    await argon2(PASSWORD, { memoryCost: 64, timeCost: 3, parallelism: 2 }),
  ]
  for (const stored of foreign) {
    t.equal(refuseHash(stored), null)
    t.equal(await passwords.verify(stored, PASSWORD), true)
    t.equal(await passwords.verify(stored, 'not this one'), false)
    t.equal(passwords.isOutdated(stored), true)
  }
  t.equal(passwords.isOutdated(await passwords.hash(PASSWORD)), false)
  t.equal(await passwords.verify('$2b$10$broken', PASSWORD), false)
})

function scryptHash(password: string, ln: number, r: number, p: number): string {
  const salt = randomBytes(16)
  const key = scryptSync(password, salt, 32, { N: 2 ** ln, r, p })
  return `$scrypt$ln=${ln},r=${r},p=${p}$${plain64(salt)}$${plain64(key)}`
}

function plain64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
