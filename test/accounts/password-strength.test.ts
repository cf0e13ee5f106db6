import t from 'tap'
import { whyGuessable } from '../../src/accounts/password-strength.ts'
import { PUBLISHED } from '../../src/accounts/published-passwords.ts'

const ANNABEL = 'annabel.smith@example.org'

const WEAK: readonly [why: RegExp, passwords: string[]][] = [
  [
    /repeats itself/,
    [
      ...['a'.repeat(17), 'a'.repeat(256), ' '.repeat(16), '😀'.repeat(15), 'passwordpasswordpassword'],
      ...[
        'abcabcabcabcabcabc',
        'xyz '.repeat(16),
        'xyz '.repeat(64),
        'P@ssw0rdP@ssw0rd',
        '________________x',
      ],
      ...[
        'annabelannabelannabel',
        'aaaaaaaabbbbbbbb',
        'summer2024summer2024!',
        'ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ1',
      ],
    ],
  ],
  [
    /follows the keys/,
    [
      ...['qwertzuiopasdfgh', 'azertyuiopqsdfgh', '2wsx3edc4rfv5tgb6yhn7ujm', '!QAZ2wsx#EDC4rfv%TGB'],
      ...['йцукенгшщзхъфывапролд', 'йфяцычувскамепинртгоь', 'ασδφγηξκλζχψωβνμ', 'qazxswedcvfrtgbnhy'],
    ],
  ],
  [
    /attackers try first/,
    [
      ...[
        '123456789012345',
        'qwertyuiopasdfghjklzxcvbnm',
        '1qaz2wsx3edc4rfv5tgb6yhn',
        'password1234567890',
      ],
      ...['Password123456789!', 'letmein123456789', 'poiuytrewqlkjhgfdsa', 'thisismypassword1'],
    ],
  ],
  [/counts, or follows/, ['abcdefghijklmnopq', 'zyxwvutsrqponmlk', 'абвгдежзийклмнопр']],
  [
    /built on the username/,
    [
      ...[
        ANNABEL,
        ANNABEL.toUpperCase(),
        'ａnnabel.smith@example.org',
        `${ANNABEL}!1`,
        'annabel.smith2024!!',
      ],
      ...[
        'annabelsmith20241231',
        'htimslebanna1234',
        'iamannabel.smith!!',

        'oneseatoneseat1',
      ],
    ],
  ],
  [/dates/, ['03.07.1985 1985', '1999-12-31 1999']],
]
for (const [why, passwords] of WEAK) {
  t.test(`refused because of ${why}`, async (t) => {
    for (const password of passwords) t.match(await whyGuessable(password, ANNABEL), why, password)
  })
}

t.test('long passphrases and random characters are hard to guess', async (t) => {
  for (const password of [
    ...['correct horse battery', 'the cat sat on my hat', 'i like green tea', 'monkey banana tiger'],
    ...['123456789012345 and my cat', 'annabel.smith likes tea', 'we were dressed for freezers'],
    ...[
      'мой дядя самых честных',
      'un café à Orléans',
      '今日はとても良い天気ですねありがとう',
      '918273645546372',
    ],
    ...[
      'gT7#kQ9!mZ2$xW4',
      'k3v9x2m7q4w8z1n',
      'qzwxecrvtbynuml',
      `${'long passwords are whole '.repeat(3)}end`,
    ],
  ])
    t.equal(await whyGuessable(password, ANNABEL), null, password)
})

t.test('what many have published is refused, in upper case too, and only as a whole', async (t) => {
  for (const password of PUBLISHED) {
    t.ok(await whyGuessable(password, 'bob'), password)
    t.ok(await whyGuessable(password.toUpperCase(), 'bob'), password)
  }
  t.ok(PUBLISHED.length > 100)
})

t.test('a name without an address is a name all the same', async (t) => {
  t.match(await whyGuessable('анна20241231!!!', 'анна'), /username/)
  t.equal(await whyGuessable('bob likes oranges', 'bob'), null)
})

t.test('what is short of chance says so', async (t) => {
  t.match(await whyGuessable('1!', 'bob'), /hard to guess/)
})
