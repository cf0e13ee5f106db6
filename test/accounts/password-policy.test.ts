import fc from 'fast-check'
import t from 'tap'
import { checkNewPassword, PASSWORD_MAX, PASSWORD_MIN } from '../../src/accounts/password-policy.ts'

const TOO_SHORT = { code: 'password_too_short', status: 422 }
const TOO_COMMON = { code: 'password_too_common', status: 422 }

t.test('15 to 256 characters, counted as people count them', async (t) => {
  await t.rejects(check(''), TOO_SHORT)
  await t.rejects(check(varied(PASSWORD_MIN - 1)), TOO_SHORT)
  await check(varied(PASSWORD_MIN))
  await check(varied(PASSWORD_MAX))
  await t.rejects(check(varied(PASSWORD_MAX + 1)), {
    code: 'invalid_request',
    members: { errors: [{ path: '/password', message: /256/ }] },
  })
  await t.rejects(check(EMOJI.slice(0, 28)), TOO_SHORT)
  await check(EMOJI)
  await t.rejects(check('e\u0301'.repeat(14)), TOO_SHORT, 'a letter and its accent are one')
})

t.test('any kinds of characters will do', async () => {
  for (const password of [
    'only small letters here'.replaceAll(' ', ''),
    '83920175628301927',
    'ΚΑΛΗΜΕΡΑ ΚΟΣΜΕ ΚΑΛΗΜΕΡΑ',
    '\0\u0001\u0002 with controls in it',
  ])
    await check(password)
})

t.test('what is easy to guess is refused, with the reason in the detail', async (t) => {
  await t.rejects(check('a'.repeat(17)), {
    ...TOO_COMMON,
    message: /^This password is easy to guess: it repeats itself\. Choose another/,
  })
  await t.rejects(checkNewPassword('annabel.smith@example.org', 'annabel.smith@example.org'), {
    ...TOO_COMMON,
    message: /the username/,
  })
})

t.test('any password is taken, or refused for a reason', async () => {
  const lengths = { minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX, unit: 'binary' } as const
  await fc.assert(
    fc.asyncProperty(fc.string(lengths), async (password) => {
      await check(password).catch(({ code }) => code === 'password_too_common' || Promise.reject(code))
    }),
  )
})

/** As somebody whose name is in no password. */
function check(password: string): Promise<void> {
  return checkNewPassword(password, 'ann')
}

/** A password of this length that nobody has tried. */
function varied(length: number): string {
  return Array.from({ length }, (_, i) => String.fromCodePoint(0x4e00 + ((i * i * 37) % 5000))).join('')
}

const EMOJI = '🐙🎈🍕🚲🌋🧦🎻🦔🍋🧭🪁🥁🐝🗿🪗'
