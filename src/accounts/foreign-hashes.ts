import { scrypt, timingSafeEqual } from 'node:crypto'
import { compare } from 'bcrypt'

/**
 * Whether `password` is the one behind a bcrypt or scrypt hash that another system made. False for what is no such hash.
 * bcrypt sees only the first 72 bytes of a password (OWASP Password Storage Cheat Sheet).
 */
export async function verifyForeign(stored: string, password: string): Promise<boolean> {
  if (BCRYPT.test(stored)) return compare(password, stored.replace(/^\$2y/, '$2b')) // PHP's name for the same
  const parts = readScrypt(stored)
  if (parts === null) return false
  const { cost, blockSize, parallelization, salt, hash } = parts
  const made = await new Promise<Buffer>((done, fail) => {
    const maxmem = 256 * cost * blockSize + 256 * blockSize * parallelization
    scrypt(password, salt, hash.length, { cost, blockSize, parallelization, maxmem }, (error, key) =>
      error === null ? done(key) : fail(error),
    )
  })
  return timingSafeEqual(made, hash)
}

/**
 * Why a hash cannot be imported; null if it can. It has to be one that we can verify, at a price we are ready to pay at
 * every login: a hash that takes minutes would be a way to keep the service busy.
 */
export function refuseHash(stored: string): string | null {
  const parameters = ARGON2.exec(stored)?.[1]
  if (parameters !== undefined) {
    const [memory, passes, lanes] = ['m', 't', 'p'].map((name) => {
      return Number(new RegExp(`${name}=(\\d+)`).exec(parameters)?.[1])
    }) as [number, number, number]
    if (Number.isNaN(memory + passes + lanes)) return 'this argon2 hash has not one each of m, t and p'
    if (memory > 1024 * 1024 || memory * passes > 8 * 1024 * 1024 || lanes > 16)
      return 'this argon2 hash costs more than 1 GiB of memory, 8 GiB of work or 16 lanes'
    return null
  }
  if (/^\$2[aby]\$/.test(stored)) {
    if (!BCRYPT.test(stored)) return 'this is no whole bcrypt hash'
    return Number(stored.slice(4, 6)) <= 16 ? null : 'this bcrypt hash has a cost above 16'
  }
  if (stored.startsWith('$scrypt$')) {
    const parts = readScrypt(stored)
    if (parts === null) return 'this is no scrypt hash of the form $scrypt$ln=,r=,p=$salt$hash'
    const { cost, blockSize, parallelization } = parts
    return cost * blockSize * parallelization <= 2 ** 22
      ? null
      : 'this scrypt hash costs more than 512 MiB'
  }
  return 'only argon2, bcrypt and scrypt hashes can be verified'
}

type Scrypt = {
  cost: number
  blockSize: number
  parallelization: number
  salt: Buffer
  hash: Buffer
}

function readScrypt(stored: string): Scrypt | null {
  const [, ln, r, p, salt = '', hash = ''] = SCRYPT.exec(stored) ?? []
  if (hash === '' || Number(ln) > 22) return null
  return {
    cost: 2 ** Number(ln),
    blockSize: Number(r),
    parallelization: Number(p),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
}

/** The PHC string format (github.com/P-H-C/phc-string-format); for bcrypt, which is older, its own. */
const ARGON2 =
  /^\$argon2(?:id|i|d)\$v=19\$((?:[mtp]=\d{1,8}(?:,(?!\$))?){3})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}$/
const BCRYPT = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/
const SCRYPT =
  /^\$scrypt\$ln=([1-9]\d?),r=([1-9]\d{0,2}),p=([1-9]\d{0,2})\$([A-Za-z0-9+/]{6,86})\$([A-Za-z0-9+/]{22,171})$/
