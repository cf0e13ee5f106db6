import fc from 'fast-check'
import t from 'tap'
import { isCommon } from '../../src/accounts/common-passwords.ts'
import { checkNewPassword, PASSWORD_MAX, PASSWORD_MIN } from '../../src/accounts/password-policy.ts'
import { PUBLISHED } from '../../src/accounts/published-passwords.ts'

const TOO_SHORT = { code: 'password_too_short', status: 422 }
const TOO_COMMON = { code: 'password_too_common', status: 422 }

t.test('15 to 256 characters, counted as people count them', async (t) => {
  t.throws(() => check(''), TOO_SHORT)
  t.throws(() => check(varied(PASSWORD_MIN - 1)), TOO_SHORT)
  t.doesNotThrow(() => check(varied(PASSWORD_MIN)))
  t.doesNotThrow(() => check(varied(PASSWORD_MAX)))
  t.throws(() => check(varied(PASSWORD_MAX + 1)), {
    code: 'invalid_request',
    members: { errors: [{ path: '/password', message: /256/ }] },
  })
  t.throws(() => check('😀'.repeat(14)), TOO_SHORT)
  t.doesNotThrow(() => check('😀'.repeat(15)))
  t.throws(() => check('e\u0301'.repeat(14)), TOO_SHORT, 'a letter and its accent are one')
})

t.test('any kinds of characters will do', async (t) => {
  for (const password of [
    'only small letters here'.replaceAll(' ', ''),
    '83920175628301927',
    '               x',
    'ΚΑΛΗΜΕΡΑ ΚΟΣΜΕ ΚΑΛΗΜΕΡΑ',
    '\0\u0001\u0002 with controls in it',
  ])
    t.doesNotThrow(() => check(password), password)
})

t.test('what attackers try first is refused, in upper case too, and only as a whole', async (t) => {
  for (const password of PUBLISHED) {
    t.throws(() => check(password), TOO_COMMON, password)
    t.throws(() => check(password.toUpperCase()), TOO_COMMON)
  }
  t.ok(PUBLISHED.length > 100)
  t.ok(isCommon('1q2w3e4r5t6y7u8i'))
  t.doesNotThrow(() => check(`${PUBLISHED[0]} and more`))
})

t.test('any password of a length in between is taken or too common', async () => {
  const lengths = { minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX, unit: 'binary-ascii' } as const
  fc.assert(
    fc.property(fc.string(lengths), (password) => {
      if (!isCommon(password)) check(password)
    }),
  )
})

t.test('ASVS 6.2.11: nobody has their own name for a password, however it is written', async (t) => {
  const mail = 'annabel.smith@example.org'
  t.throws(() => checkNewPassword(mail, mail), TOO_COMMON)
  t.throws(() => checkNewPassword(mail.toUpperCase(), mail), TOO_COMMON)
  t.throws(() => checkNewPassword('ａnnabel.smith@example.org', mail), TOO_COMMON, 'a wide letter')
  t.doesNotThrow(() => checkNewPassword(`${mail} 1`, mail), 'as a whole only')
  t.doesNotThrow(() => checkNewPassword(mail, 'bob'))
})

/** As somebody whose name is in no password. */
function check(password: string): void {
  checkNewPassword(password, 'ann')
}

/** A password of this length that nobody has tried. */
function varied(length: number): string {
  return Array.from({ length }, (_, i) => String.fromCodePoint(0x4e00 + i * 7)).join('')
}
