import { createRequire } from 'node:module'
import fc from 'fast-check'
import t from 'tap'

const CHEAP = { memoryKib: 8, passes: 1, concurrency: 2, queue: 8 }
const PASSWORD = 'correct horse battery staple'
const OURS = { matches: true, replaceable: false }
const NO = { matches: false, replaceable: false }

/** What argon2 was asked to do: work is counted, not timed. */
const work: string[] = []
let held: Promise<unknown> = Promise.resolve()

const argon2 = createRequire(import.meta.url)('argon2') as typeof import('argon2')
const { hash, verify } = argon2
Object.assign(argon2, {
  hash: async (...args: Parameters<typeof hash>) => {
    work.push('hash')
    await held
    return hash(...args)
  },
  verify: async (...args: Parameters<typeof verify>) => {
    work.push(`verify ${/m=\d+[^$]*/.exec(args[0])?.[0]}`)
    await held
    return verify(...args)
  },
})
const { openPasswords } = await import('../../src/accounts/passwords.ts')

t.test('a hash is argon2id with the parameters set, and never the same twice', async (t) => {
  const passwords = openPasswords({ ...CHEAP, memoryKib: 16, passes: 3 })
  const [one, other] = [await passwords.hash(PASSWORD), await passwords.hash(PASSWORD)]
  t.match(one, /^\$argon2id\$v=19\$m=16,p=1,t=3\$/)
  t.not(one, other)
  for (const stored of [one, other]) t.strictSame(await passwords.verify(stored, PASSWORD), OURS)
})

t.test('every part of a password counts, and nothing is done to it', async (t) => {
  const passwords = openPasswords(CHEAP)
  const long = 'x'.repeat(300)
  for (const [password, wrong] of [
    [PASSWORD, PASSWORD.toUpperCase()],
    [PASSWORD, ` ${PASSWORD}`],
    [PASSWORD, `${PASSWORD} `],
    [PASSWORD, PASSWORD.replaceAll(' ', '')],
    [long, `${long}x`],
    [long, `${long.slice(0, -1)}y`],
    [`${long}\0a`, `${long}\0b`],
    ['a\0b', 'a\0c'],
    ['ﬁne', 'fine'],
    ['Ａ', 'A'],
  ] as const)
    t.strictSame(
      await passwords.verify(await passwords.hash(password), wrong),
      NO,
      JSON.stringify(wrong),
    )
})

t.test('a letter is the same however the keyboard composed it', async (t) => {
  const passwords = openPasswords(CHEAP)
  t.strictSame(await passwords.verify(await passwords.hash('café'), 'cafe\u0301'), OURS)
  t.strictSame(await passwords.verify(await passwords.hash('cafe\u0301'), 'café'), OURS)
  t.strictSame(await passwords.verify(await passwords.hash('café'), 'cafe'), NO)
})

t.test('of any two passwords, each opens its own hash only', async (t) => {
  const passwords = openPasswords(CHEAP)
  const anyText = fc.string({ unit: 'grapheme', minLength: 1 })
  await fc.assert(
    fc.asyncProperty(anyText, anyText, async (one, other) => {
      const stored = await passwords.hash(one)
      const isSame = one.normalize('NFC') === other.normalize('NFC')
      const [own, others] = [await passwords.verify(stored, one), await passwords.verify(stored, other)]
      return own.matches && others.matches === isSame
    }),
    { numRuns: 50 },
  )
  t.pass()
})

t.test(
  'an unknown user costs the work of a wrong password, and so does an unreadable hash',
  async (t) => {
    const passwords = openPasswords(CHEAP)
    const stored = await passwords.hash(PASSWORD)
    work.length = 0
    t.strictSame(await passwords.verify(stored, 'wrong'), NO)
    const usual = work.splice(0)
    t.strictSame(usual, ['verify m=8,p=1,t=1'])
    for (const unreadable of [
      null,
      '',
      'x',
      'plain text',
      '$argon2',
      stored.slice(0, -20),
      '$argon2id$v=19$',
    ]) {
      t.strictSame(await passwords.verify(unreadable, PASSWORD), NO, `${unreadable}`)
      t.strictSame(work.splice(0).slice(-1), usual, `${unreadable}`)
    }
  },
)

t.test('a hash of other parameters, older or not argon2id, is replaceable', async (t) => {
  const stored = await openPasswords(CHEAP).hash(PASSWORD)
  t.strictSame(await openPasswords(CHEAP).verify(stored, PASSWORD), OURS)
  for (const other of [{ passes: 2 }, { memoryKib: 16 }]) {
    const now = openPasswords({ ...CHEAP, ...other })
    t.strictSame(await now.verify(stored, PASSWORD), { matches: true, replaceable: true })
    t.strictSame(await now.verify(stored, 'wrong'), NO)
  }
  const argon2i = await hash(PASSWORD, { type: 1, memoryCost: 8, timeCost: 1, parallelism: 1 })
  t.strictSame(await openPasswords(CHEAP).verify(argon2i, PASSWORD), {
    matches: true,
    replaceable: true,
  })
})

t.test('who is refused anyway is told no, and what is right is not replaced', async (t) => {
  const stored = await openPasswords(CHEAP).hash(PASSWORD)
  t.strictSame(await openPasswords({ ...CHEAP, passes: 2 }).verify(stored, PASSWORD, true), NO)
})

t.test('so many run at once, so many wait, and the rest is told to come back', async (t) => {
  const passwords = openPasswords({ ...CHEAP, concurrency: 2, queue: 3 })
  const { promise, resolve } = Promise.withResolvers<void>()
  held = promise
  work.length = 0
  const started = Array.from({ length: 2 }, () => passwords.hash(PASSWORD))
  await new Promise((done) => setImmediate(done))
  const waiting = Array.from({ length: 3 }, () => passwords.hash(PASSWORD))
  t.equal(work.length, 2, 'two run')
  t.strictSame(passwords.counts(), { running: 2, waiting: 3 })
  const refusal = { code: 'overloaded', headers: { 'retry-after': '2' } }
  await t.rejects(passwords.hash(PASSWORD), refusal)
  await t.rejects(passwords.verify('$2b$04$', PASSWORD), refusal)
  held = Promise.resolve()
  resolve()
  await Promise.all([...started, ...waiting])
  t.equal(work.length, 5)
  t.strictSame(passwords.counts(), { running: 0, waiting: 0 })
  await passwords.hash(PASSWORD)
})
