import { createRequire, syncBuiltinESMExports } from 'node:module'
import t from 'tap'

/** What was computed, in the units of each family: work is counted, not timed. */
const work = new Map<string, number>()

const require = createRequire(import.meta.url)
const argon2 = require('argon2') as typeof import('argon2')
const bcrypt = require('bcrypt') as typeof import('bcrypt')
const crypto = require('node:crypto') as typeof import('node:crypto')
const { verify } = argon2
const { compare } = bcrypt
const { pbkdf2, scrypt } = crypto
Object.assign(argon2, {
  verify: async (...args: Parameters<typeof verify>) => {
    const cost = (name: string) => Number(new RegExp(`[$,]${name}=(\\d+)`).exec(args[0])?.[1])
    const made = await verify(...args) // throws for what it cannot read, before it works
    count(`argon2 t=${cost('t')}`, cost('m'))
    return made
  },
})
Object.assign(bcrypt, {
  compare: (password: string, stored: string) => {
    count('bcrypt', 2 ** Number(stored.slice(4, 6)))
    return compare(password, stored)
  },
})
Object.assign(crypto, {
  pbkdf2: (...args: Parameters<typeof pbkdf2>) => {
    count(`pbkdf2 ${args[4]}`, args[2])
    return pbkdf2(...args)
  },
  scrypt: (...args: Parameters<typeof scrypt>) => {
    const { N = 0, r = 0, p = 0 } = args[3]
    count('scrypt', N * r * p)
    return scrypt(...args)
  },
})
syncBuiltinESMExports()
const { openPasswords } = await import('../../src/accounts/passwords.ts')

const COSTS = { concurrency: 2, queue: 99 }
const DEAR = `pbkdf2_sha256$2000000$salt$${'A'.repeat(43)}=`
const PASSWORD = 'correct horse battery staple'

for (const [name, today] of [
  ['raised', { memoryKib: 64, passes: 3 }],
  ['lowered', { memoryKib: 8, passes: 1 }],
] as const) {
  t.test(`refused, everybody costs the same, after the parameters were ${name}`, async (t) => {
    const stored = {
      ...(await argon2Hashes()),
      'bcrypt 4': await bcrypt.hash(PASSWORD, 4),
      'bcrypt 6': await bcrypt.hash(PASSWORD, 6),
      'pbkdf2 with few': django('sha256', 1_000),
      'pbkdf2 with many': django('sha256', 3_500),
      'pbkdf2 sha1': django('sha1', 2_000),
      scrypt: phcScrypt(6),
      'more of scrypt': phcScrypt(9),
    }
    for (const sampled of [false, true]) {
      const passwords = openPasswords({ ...COSTS, ...today })
      if (sampled) passwords.learn(['unreadable', ...Object.values(stored)])
      else for (const each of Object.values(stored)) await passwords.verify(each, 'wrong')
      const costOf = async (hash: string | null, password: string, refused = false) => {
        work.clear()
        t.match(await passwords.verify(hash, password, refused), { matches: false, replaceable: false })
        return Object.fromEntries([...work].sort())
      }
      for (const [wrong, forms] of [
        ['wrong', 1],
        ['café au lait', 2],
        ['cafe\u0301 \ufb01ne', 3],
        ['caf\u00e9 cafe\u0301 \ufb01ne', 4],
      ] as const) {
        const expected = await costOf(null, wrong)
        t.equal(expected['bcrypt'], 2 ** 6 * forms)
        t.equal(expected['pbkdf2 sha256'], 3_500 * forms)
        t.equal(expected['scrypt'], 2 ** 9 * 8 * forms)
        for (const hash of ['', 'unreadable', '$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$'])
          t.strictSame(await costOf(hash, wrong), expected, hash)
        for (const [kind, hash] of Object.entries(stored))
          t.strictSame(await costOf(hash, wrong), expected, `${kind}, ${wrong}`)
      }
      const expected = await costOf(null, PASSWORD)
      for (const [kind, hash] of Object.entries(stored))
        t.strictSame(await costOf(hash, PASSWORD, true), expected, `disabled: ${kind}`)
    }
  })
}

t.test(
  'what others pay has a bound: no hash that an import would refuse, and not too many kinds',
  async (t) => {
    const passwords = openPasswords({ ...COSTS, memoryKib: 8, passes: 1 })
    const costOfNobody = async () => {
      work.clear()
      await passwords.verify(null, 'wrong')
      return Object.fromEntries(work)
    }
    passwords.learn([DEAR.replace('2000000', '3000001')])
    t.strictSame(await costOfNobody(), { 'argon2 t=1': 8 })
    const many = Array.from({ length: 20 }, (_, i) => argon2WithPasses(i + 2))
    passwords.learn(many)
    t.equal(Object.keys(await costOfNobody()).length, 12)

    const dear = openPasswords({ ...COSTS, memoryKib: 8, passes: 1 })
    dear.learn([
      DEAR,
      `pbkdf2_sha1$2000000$salt$${'A'.repeat(27)}=`,
      `$2b$13$${'a'.repeat(53)}`,
      `$2b$08$${'a'.repeat(53)}`,
    ])
    work.clear()
    await dear.verify(null, 'wrong')
    t.match(Object.fromEntries(work), {
      'pbkdf2 sha256': 2_000_000,
      'pbkdf2 sha1': 2_000_000,
      bcrypt: 2 ** 8,
    })
  },
)

t.test('who signs in pays for their own hash only', async (t) => {
  const passwords = openPasswords({ ...COSTS, memoryKib: 8, passes: 1 })
  passwords.learn([django('sha256', 1_000)])
  const stored = await passwords.hash(PASSWORD)
  work.clear()
  t.match(await passwords.verify(stored, PASSWORD), { matches: true })
  t.strictSame(Object.fromEntries(work), { 'argon2 t=1': 8 })
})

async function argon2Hashes(): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const [memoryCost, timeCost] of [
    [8, 1],
    [64, 1],
    [16, 3],
    [64, 3],
  ] as const) {
    const costs = { memoryCost, timeCost, parallelism: 1 }
    hashes[`argon2 m=${memoryCost} t=${timeCost}`] = await argon2.hash(PASSWORD, costs)
  }
  return hashes
}

function argon2WithPasses(passes: number): string {
  return `$argon2id$v=19$m=8,t=${passes},p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`
}

function django(digest: 'sha1' | 'sha256', iterations: number): string {
  const key = crypto.pbkdf2Sync(PASSWORD, 'salt', iterations, digest === 'sha1' ? 20 : 32, digest)
  return `pbkdf2_${digest}$${iterations}$salt$${key.toString('base64')}`
}

function phcScrypt(ln: number): string {
  const key = crypto.scryptSync(PASSWORD, 'saltsalt', 32, { N: 2 ** ln, r: 8, p: 1 })
  const [salt, hash] = [Buffer.from('saltsalt'), key].map((bytes) =>
    bytes.toString('base64').replace(/=+$/, ''),
  )
  return `$scrypt$ln=${ln},r=8,p=1$${salt}$${hash}`
}

function count(family: string, units: number): void {
  work.set(family, (work.get(family) ?? 0) + units)
}
