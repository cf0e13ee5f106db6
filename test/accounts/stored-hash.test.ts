import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { hash as argon2, argon2i } from 'argon2'
import { hash as bcrypt } from 'bcrypt'
import t from 'tap'
import { readHash, refuseHash } from '../../src/accounts/stored-hash.ts'

/** Hashes that the systems themselves have made, from their own documentation and tests. */
const VECTORS: readonly [from: string, password: string, stored: string][] = [
  [
    'Django, PBKDF2',
    'lètmein',
    'pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=',
  ],
  ['Django, PBKDF2 with SHA-1', 'KRONOS', 'pbkdf2_sha1$24000$seasalt$F+kiWNHXbMBcwgxsvSKFCWHnZZ0='],
  [
    'Django, scrypt',
    'lètmein',
    'scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==',
  ],
  [
    'Django 5, scrypt',
    'lètmein',
    'scrypt$16384$seasalt$8$5$ECMIUp+LMxMSK8xB/IVyba+KYGTI7FTnet025q/1f/vBAVnnP3hdYqJuRi+mJn6ji6ze3Fbb7JEFPKGpuEf5vw==',
  ],
  [
    'Django, bcrypt over SHA-256',
    'lètmein',
    'bcrypt_sha256$$2a$08$NDjSAIcas.EcoxCRiArvT.MkNiPYVhrsrnJsRkLueZOoV1bsQqlmC',
  ],
  ['WordPress 6.8', 'admin', '$wp$2y$10$Q1xinFjrZeLWJBvxviIL6u834Fu.evIEFHAUVisQ5O.w9Dm0sMdES'],
  ['Spring, bcrypt', 'password', '{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG'],
  [
    'Spring, PBKDF2',
    'password',
    '{pbkdf2}5d923b44a6d129f3ddf3e3c8d29412723dcbde72445e8ef6bf3b508fbf17fa4ed4d6b99ca763d8dc',
  ],
  [
    'Spring 5.8, PBKDF2',
    'password',
    '{pbkdf2@SpringSecurity_v5_8}08213e88e589717c40102a8d800c5dadf52435998ad2e2b924860062894dbb3a47a98d980dc1975862cd5b3925db1f3e',
  ],
  [
    'Spring, scrypt',
    'password',
    '{scrypt}$e0801$8bWJaSu2IKSn9Z9kM+TPXfOc/9bdYSrN1oD9qfVThWEwdRTnO7re7Ei+fUZRJ68k9lTyuTeUp4of4g24hHnazw==$OAOec05+bXxvuu/1qZ6NUR+xQYvYv7BeL1QxwRpY5Pc=',
  ],
  [
    'Spring 5.8, argon2',
    'password',
    '{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=16384,t=2,p=1$lGnuXr7ppRC33DBCL3drOA$/OazSBWZr+7OZ/uOZ0kz9oCo079oJ+fqDkhL3zmwo84',
  ],
  [
    'passlib, PBKDF2',
    'password',
    '$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44',
  ],
]
for (const [from, password, stored] of VECTORS) {
  t.test(`verified: ${from}`, async (t) => {
    const hash = readHash(stored)
    if (typeof hash === 'string') throw new Error(hash)
    t.equal(await hash.matches(password), true)
    t.equal(await hash.matches(`${password}z`), false)
    t.equal(refuseHash(stored), null)
  })
}

t.test('verified: what these tests make themselves, in every other format', async (t) => {
  const password = 'as it was elsewhere'
  const derived = (digest: string, length: number) => pbkdf2Sync(password, 'salt', 1_000, length, digest)
  const scrypted = (salt: string, p: number) => scryptSync(password, salt, 64, { N: 16, r: 8, p })
  const plain64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
  const made = await bcrypt(password, 4)
  const phc = await argon2(password, { memoryCost: 64, timeCost: 1, parallelism: 2 })
  const hashes = [
    ...['$2a', '$2b', '$2y'].flatMap((name) => [name + made.slice(3), `bcrypt$${name}${made.slice(3)}`]),
    ...[phc, `argon2${phc}`, `{argon2}${phc}`],
    await argon2(password, { type: argon2i, memoryCost: 8, timeCost: 2, parallelism: 1 }),
    `$scrypt$ln=4,r=8,p=1$${plain64('NaCl')}$${plain64(scrypted('NaCl', 1))}`,
    `scrypt:16:8:3$salt$${scrypted('salt', 3).toString('hex')}`,
    `{scrypt@SpringSecurity_v5_8}$40802$c2FsdHNhbHQ=$${scrypted('saltsalt', 2).toString('base64')}`,
    `$40801$c2FsdHNhbHQ=$${scrypted('saltsalt', 1).toString('base64')}`,
    `pbkdf2:sha1:1000$salt$${derived('sha1', 20).toString('hex')}`,
    `pbkdf2:sha256:1000$salt$${derived('sha256', 32).toString('hex')}`,
    `pbkdf2:sha512:1000$salt$${derived('sha512', 64).toString('hex')}`,
    `$pbkdf2$1000$${plain64('salt')}$${plain64(derived('sha1', 20)).replaceAll('+', '.')}`,
    `$pbkdf2-sha512$1000$${plain64('salt')}$${plain64(derived('sha512', 64)).replaceAll('+', '.')}`,
  ]
  for (const stored of hashes) {
    const hash = readHash(stored)
    if (typeof hash === 'string') throw new Error(`${stored}: ${hash}`)
    t.equal(await hash.matches(password), true, stored)
    t.equal(await hash.matches(`${password}!`), false, stored)
    t.equal(refuseHash(stored), null)
  }
})

t.test('scrypt: the vector of RFC 7914 §12, which has a salt of 4 bytes', async (t) => {
  const key = '/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA'
  const hash = readHash(`$scrypt$ln=10,r=8,p=16$TmFDbA$${key}`)
  if (typeof hash === 'string') throw new Error(hash)
  t.equal(await hash.matches('password'), true)
  t.equal(await hash.matches('passwore'), false)
})

const SALT = 'A'.repeat(22)
const KEY = 'A'.repeat(43)

t.test('what cannot be verified is refused, and its beginning is named', async (t) => {
  const wrong: [stored: string, why: string | RegExp][] = [
    ['', /^only argon2, bcrypt, scrypt and PBKDF2 hashes can be verified$/],
    ['plain text', /^only argon2/],
    ['my secret$with$dollars', /^only argon2/],
    ['{noop}secret', 'hashes that begin with {noop} are not taken'],
    ['{MD5}5f4dcc3b5aa765d61d8327deb882cf99', 'begin with {MD5} are not taken'],
    ['{sha256}97cde38028ad898ebc02e690819fa220e88c62e0', 'begin with {sha256} are'],
    ['{ldap}{SSHA}abc', 'begin with {ldap} are'],
    ['{ldap@Home-1.2}abc', 'begin with {ldap@Home-1.2} are'],
    ['$P$BsSozX7pxy0bajB//ff34WOg4vN9OI/', 'begin with $P$ are'],
    ['$H$9abc', 'begin with $H$ are'],
    ['$1$salt$hash', 'begin with $1$ are'],
    ['$6$rounds=5000$salt$hash', 'begin with $6$ are'],
    ['$7$C6..../....', 'begin with $7$ are'],
    ['md5$salt$hash', 'begin with md5$ are'],
    ['sha1$salt$hash', 'begin with sha1$ are'],
    ['unsalted_md5$hash', 'begin with unsalted_md5$ are'],
    ['!kJ8s0PNKx5XkFm5xTxbXkKqUmUDZ', 'begin with ! are'],
    [`$2x$10$${'a'.repeat(53)}`, 'begin with $2x$ are'],
    ['$2b$10$tooshort', 'this begins with $2b$, but is no whole hash'],
    [`$2b$99$${'a'.repeat(53)}`, 'no whole hash'],
    [`$2b$03$${'a'.repeat(53)}`, 'no whole hash'],
    ['{bcrypt}$2a$10$', 'begins with {bcrypt}, but'],
    ['bcrypt_sha256$$2b$10$x', 'begins with bcrypt_sha256$, but'],
    ['$wp$2y$10$x', 'begins with $wp$, but'],
    [`$argon2id$v=16$m=8,t=1,p=1$${SALT}$${KEY}`, 'begins with $argon2id$, but'],
    [`$argon2id$v=19$m=8,m=9,t=1$${SALT}$${KEY}`, 'no whole hash'],
    [`$argon2id$v=19$m=8,t=0,p=1$${SALT}$${KEY}`, 'no whole hash'],
    [`$argon2id$v=19$m=8,t=1,p=0$${SALT}$${KEY}`, 'no whole hash'],
    [`$argon2id$v=19$m=15,t=1,p=2$${SALT}$${KEY}`, 'no whole hash'],
    [`$scrypt$ln=4,r=8$${SALT}$${KEY}`, 'no whole hash'],
    [`$scrypt$ln=0,r=8,p=1$${SALT}$${KEY}`, 'no whole hash'],
    [`$scrypt$ln=25,r=8,p=1$${SALT}$${KEY}`, 'no whole hash'],
    [`scrypt$16383$salt$8$1$${KEY}=`, 'begins with scrypt$, but'],
    [`scrypt$16384$salt$0$1$${KEY}=`, 'no whole hash'],
    [`scrypt:16384:8:0$salt$${'ab'.repeat(32)}`, 'begins with scrypt:, but'],
    [`pbkdf2_sha256$0$salt$${KEY}=`, 'begins with pbkdf2_sha256$, but'],
    ['pbkdf2_sha256$1000$salt$short', 'no whole hash'],
    ['{pbkdf2}abcdef', 'begins with {pbkdf2}, but'],
    ['{pbkdf2@SpringSecurity_v5_8}abcdef', 'begins with {pbkdf2@SpringSecurity_v5_8}, but'],
  ]
  for (const [stored, why] of wrong) t.match(refuseHash(stored), why, stored)
})

t.test('a hash that costs more than a login may is refused, for each of its costs', async (t) => {
  const argon2of = (costs: string) => `$argon2id$v=19$${costs}$${SALT}$${KEY}`
  const bounds: [most: string, more: string, limit: RegExp][] = [
    [argon2of('m=131072,t=3,p=1'), argon2of('m=131073,t=1,p=1'), /131072 KiB/],
    [argon2of('m=65536,t=6,p=1'), argon2of('m=65536,t=7,p=1'), /393216 KiB over all passes/],
    [argon2of('m=64,t=6144,p=8'), argon2of('m=72,t=1,p=9'), /8 lanes/],
    [argon2of('m=102400,t=2,p=8'), argon2of('m=1048576,t=8,p=1'), /131072 KiB/],
    [`$2b$13$${'a'.repeat(53)}`, `$2b$14$${'a'.repeat(53)}`, /a cost of 13/],
    [`bcrypt_sha256$$2b$13$${'a'.repeat(53)}`, `bcrypt_sha256$$2b$31$${'a'.repeat(53)}`, /a cost of 13/],
    [`$scrypt$ln=17,r=8,p=1$${SALT}$${KEY}`, `$scrypt$ln=17,r=8,p=2$${SALT}$${KEY}`, /1048576/],
    [`scrypt$16384$salt$8$8$${KEY}=`, `scrypt$16384$salt$9$8$${KEY}=`, /1048576/],
    [`pbkdf2_sha256$3000000$s$${KEY}=`, `pbkdf2_sha256$3000001$s$${KEY}=`, /3000000 iterations/],
    [`pbkdf2_sha1$1500000$s$${KEY}=`, `pbkdf2_sha1$1500001$s$${KEY}=`, /3000000 iterations/],
    [
      `pbkdf2:sha512:1000000$s$${'ab'.repeat(64)}`,
      `pbkdf2:sha512:1000001$s$${'ab'.repeat(64)}`,
      /1000000 iterations/,
    ],
  ]
  for (const [most, more, limit] of bounds) {
    t.equal(refuseHash(most), null, most)
    t.match(refuseHash(more), /costs more than a login may/, more)
    t.match(refuseHash(more), limit, more)
  }
})
