import {
  argon2Hash,
  bcryptHash,
  type Digest,
  type PasswordHash,
  type Prepare,
  pbkdf2Hash,
  scryptHash,
} from './hash-functions.ts'

/** Makes a hash from the parts that a pattern found; null if they are not valid. */
type Read = (...parts: string[]) => PasswordHash | null

/**
 * The formats of hashes: the PHC string format (github.com/P-H-C/phc-string-format), and those of Django, Flask, passlib, PHP,
 * Rails, Spring and WordPress.
 */
export const FORMATS: readonly (readonly [RegExp, Read])[] = [
  // argon2: PHC; Django and Spring put a name in front of it.
  [
    /^(?:argon2|\{argon2(?:@SpringSecurity_v5_8)?\})?(\$argon2(id|i|d)\$v=19\$((?:[mtp]=\d{1,8}(?:,(?!\$))?){3})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86})$/,
    readArgon2,
  ],
  // bcrypt, older than PHC: PHP, Rails and many others; Django, Spring and WordPress put a name in front of it.
  [
    /^(bcrypt\$|bcrypt_sha256\$|\{bcrypt\}|\$wp|)(\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53})$/,
    readBcrypt,
  ],
  // scrypt: PHC, Django, Flask, Spring.
  [
    /^\$scrypt\$ln=(\d\d?),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{6,86})\$([A-Za-z0-9+/]{22,171})$/,
    (ln, r, p, salt, key) => readScrypt(2 ** Number(ln), r, p, base64(salt), base64(key)),
  ],
  [
    /^scrypt\$(\d{1,8})\$([^$]{1,128})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/]{22,171}={0,2})$/,
    (N, salt, r, p, key) => readScrypt(Number(N), r, p, Buffer.from(salt), base64(key)),
  ],
  [
    /^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,3})\$([^$]{1,128})\$([0-9a-f]{32,256})$/,
    (N, r, p, salt, key) => readScrypt(Number(N), r, p, Buffer.from(salt), hex(key)),
  ],
  [
    /^(?:\{scrypt(?:@SpringSecurity_v5_8)?\})?\$([0-9a-f]{1,2})([0-9a-f]{2})([0-9a-f]{2})\$([A-Za-z0-9+/]{6,128}={0,2})\$([A-Za-z0-9+/]{22,171}={0,2})$/,
    (ln, r, p, salt, key) =>
      readScrypt(2 ** Number(`0x${ln}`), `0x${r}`, `0x${p}`, base64(salt), base64(key)),
  ],
  // PBKDF2: Django, Flask, passlib, Spring. The two kinds of Spring have fixed parameters.
  [
    /^pbkdf2_(sha1|sha256)\$(\d{1,9})\$([^$]{1,128})\$([A-Za-z0-9+/]{22,171}={0,2})$/,
    (digest, iterations, salt, key) => readPbkdf2(digest, iterations, Buffer.from(salt), base64(key)),
  ],
  [
    /^pbkdf2:(sha1|sha256|sha512):(\d{1,9})\$([^$]{1,128})\$([0-9a-f]{32,256})$/,
    (digest, iterations, salt, key) => readPbkdf2(digest, iterations, Buffer.from(salt), hex(key)),
  ],
  [
    /^\$pbkdf2(-sha256|-sha512|)\$(\d{1,9})\$([A-Za-z0-9./]{6,128})\$([A-Za-z0-9./]{22,171})$/,
    (digest, iterations, salt, key) =>
      readPbkdf2(digest.slice(1) || 'sha1', iterations, passlib64(salt), passlib64(key)),
  ],
  [
    /^\{pbkdf2\}([0-9a-f]{16})([0-9a-f]{64})$/,
    (salt, key) => readPbkdf2('sha1', '185000', hex(salt), hex(key)),
  ],
  [
    /^\{pbkdf2@SpringSecurity_v5_8\}([0-9a-f]{32})([0-9a-f]{64})$/,
    (salt, key) => readPbkdf2('sha256', '310000', hex(salt), hex(key)),
  ],
]

function readArgon2(phc: string, type: string, costs: string): PasswordHash | null {
  const cost = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(costs)?.[1])
  const [memory, passes, lanes] = [cost('m'), cost('t'), cost('p')]
  const isWhole = passes >= 1 && lanes >= 1 && memory >= 8 * lanes // false if one is missing
  return isWhole ? argon2Hash(phc, type, [memory, passes, lanes]) : null
}

function readBcrypt(system: string, hash: string): PasswordHash {
  return bcryptHash(hash, PREPARED[system] ?? 'nothing')
}

const PREPARED: Record<string, Prepare> = { bcrypt_sha256$: 'django', $wp: 'wordpress' }

function readScrypt(N: number, r: string, p: string, salt: Buffer, key: Buffer): PasswordHash | null {
  const costs = { N, r: Number(r), p: Number(p) }
  const isWhole =
    Number.isInteger(Math.log2(N)) && N >= 2 && N <= 2 ** 24 && costs.r >= 1 && costs.p >= 1
  return isWhole ? scryptHash(costs, salt, key) : null
}

function readPbkdf2(digest: string, iterations: string, salt: Buffer, key: Buffer): PasswordHash | null {
  return Number(iterations) >= 1 ? pbkdf2Hash(digest as Digest, Number(iterations), salt, key) : null
}

function base64(text: string): Buffer {
  return Buffer.from(text, 'base64')
}

/** Decodes base64 with a dot in place of the plus. */
function passlib64(text: string): Buffer {
  return base64(text.replaceAll('.', '+'))
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}
