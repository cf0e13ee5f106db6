import { createHash, createHmac, pbkdf2, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { verify } from 'argon2'
import { compare } from 'bcrypt'

/** A password hash, parsed. */
export type PasswordHash = {
  /** Hashes of one family differ only in the amount of work. */
  family: string
  /** How much work this one takes, in the unit of its family. */
  work: number
  /** The work as a share of the limit for imported hashes, which is some 0.55 s (see docs/administration.md). */
  price: number
  /** The limit in words. */
  limit: string
  matches(password: string): Promise<boolean>
  /** Whether no other password matches too. bcrypt uses only 72 bytes, and HMAC ignores zero bytes at the end. */
  isWhole(password: string): boolean
  /** Does this amount of work of the family, without using the result. */
  spend(work: number): Promise<void>
}

/** `phc` is the hash in the PHC string format, `type` is `id`, `i` or `d`. */
export function argon2Hash(
  phc: string,
  type: string,
  [memory, passes, lanes]: Argon2Costs,
): PasswordHash {
  return {
    family: `argon2${type} t=${passes} p=${lanes}`,
    work: memory,
    price: Math.max(
      memory / MAX.argon2Memory,
      (memory * passes) / MAX.argon2Work,
      lanes / MAX.argon2Lanes,
    ),
    limit: `${MAX.argon2Memory} KiB of memory, ${MAX.argon2Work} KiB over all passes, ${MAX.argon2Lanes} lanes`,
    matches: (password) => verify(phc, password),
    isWhole: () => true,
    async spend(work) {
      if (work < 8 * lanes) return // argon2 needs at least this much
      const costs = `m=${Math.floor(work)},p=${lanes},t=${passes}`
      await verify(`$argon2${type}$v=19$${costs}$${'A'.repeat(22)}$${'A'.repeat(43)}`, 'x')
    },
  }
}

/** Memory in KiB, passes, lanes. */
type Argon2Costs = readonly [memory: number, passes: number, lanes: number]

/** How a system shortens a password before bcrypt. */
export type Prepare = 'nothing' | 'django' | 'wordpress'

export function bcryptHash(stored: string, prepare: Prepare): PasswordHash {
  const rounds = Number(stored.slice(4, 6))
  return {
    family: 'bcrypt',
    work: 2 ** rounds,
    price: 2 ** (rounds - MAX.bcryptRounds),
    limit: `a cost of ${MAX.bcryptRounds}`,
    matches: (password) => compare(PREPARE[prepare](password), stored.replace(/^\$2y/, '$2b')), // PHP's name
    isWhole(password) {
      if (prepare === 'wordpress') return trimAsPhp(password) === password
      return prepare === 'django' || (Buffer.byteLength(password) < 72 && !password.includes('\0'))
    },
    async spend(work) {
      // A cost is a power of two, so each bit of `work` is a separate hash.
      for (let cost = 4; 2 ** cost <= work; cost++) {
        if (hasBit(work, cost))
          await compare('x', `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`)
      }
    },
  }
}

const PREPARE: Record<Prepare, (password: string) => string> = {
  nothing: (password) => password,
  django: (password) => createHash('sha256').update(password).digest('hex'),
  wordpress: (password) =>
    createHmac('sha384', 'wp-sha384').update(trimAsPhp(password)).digest('base64'),
}

function trimAsPhp(text: string): string {
  return text.replace(/^[ \t\n\r\0\v]+|[ \t\n\r\0\v]+$/g, '')
}

/** `N`, `r` and `p` as RFC 7914 calls them. */
type ScryptCosts = { N: number; r: number; p: number }

export function scryptHash({ N, r, p }: ScryptCosts, salt: Buffer, key: Buffer): PasswordHash {
  return {
    family: 'scrypt',
    work: N * r * p,
    price: (N * r * p) / MAX.scryptWork,
    limit: `N·r·p of ${MAX.scryptWork}`,
    matches: async (password) =>
      timingSafeEqual(await scryptKey(password, salt, key.length, { N, r, p }), key),
    isWhole: endsWithoutZero,
    async spend(work) {
      for (let bit = 4; 2 ** bit * 8 <= work; bit++) {
        if (hasBit(work / 8, bit)) await scryptKey('x', salt, 32, { N: 2 ** bit, r: 8, p: 1 })
      }
    },
  }
}

function scryptKey(password: string, salt: Buffer, length: number, costs: ScryptCosts): Promise<Buffer> {
  const maxmem = 128 * costs.r * (costs.N + costs.p + 2)
  return computeScrypt(password, salt, length, { ...costs, maxmem })
}

const computeScrypt = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

export type Digest = keyof typeof DIGESTS

export function pbkdf2Hash(digest: Digest, iterations: number, salt: Buffer, key: Buffer): PasswordHash {
  const { size, limit } = DIGESTS[digest]
  const blocks = Math.ceil(key.length / size)
  return {
    family: `pbkdf2 ${digest}`,
    work: iterations * blocks,
    price: (iterations * blocks) / limit,
    limit: `${limit} iterations`,
    matches: async (password) =>
      timingSafeEqual(await pbkdf2Key(password, salt, iterations, key.length, digest), key),
    isWhole: endsWithoutZero,
    spend: async (work) => void (await pbkdf2Key('x', salt, work, 1, digest)),
  }
}

/** The block size in bytes, and the maximum of iterations. */
const DIGESTS = {
  sha1: { size: 20, limit: 3_000_000 },
  sha256: { size: 32, limit: 3_000_000 },
  sha512: { size: 64, limit: 1_000_000 },
}

const pbkdf2Key = promisify(pbkdf2)

function endsWithoutZero(password: string): boolean {
  return !password.endsWith('\0')
}

function hasBit(work: number, bit: number): boolean {
  return Math.floor(work / 2 ** bit) % 2 === 1
}

/** Each of these takes some 0.55 s on two busy cores; a new hash takes 0.05 s. */
const MAX = {
  argon2Memory: 131_072,
  argon2Work: 393_216,
  argon2Lanes: 8,
  bcryptRounds: 13,
  scryptWork: 2 ** 20,
}
