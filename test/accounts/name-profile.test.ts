import assert from 'node:assert/strict'
import t from 'tap'
import { refuseNewName, requireNewUsername } from '../../src/accounts/name-profile.ts'
import { canonicalUsername } from '../../src/accounts/username.ts'

t.test('names of every alphabet, and addresses', async (t) => {
  for (const name of [
    ...[
      'ann',
      'Anna-Lena_1.2',
      'Zoë',
      'Nguyễn',
      'straße',
      'İbrahim',
      'o’neill',
      "o'neill",
      'ʻokina',
      'ŀ·l',
    ],
    ...[
      'анна',
      'Їжак',
      'Ελένη',
      'Հայկ',
      'დავით',
      'דוד',
      'صالح',
      'محمد١',
      'محمد1',
      'राम',
      'பாலா',
      'สมชาย',
      'ሰላም',
    ],
    ...[
      '李小龍',
      '山田太郎',
      'ヤマダ',
      'さくら',
      '李ann',
      'さくらann',
      '김철수',
      '김kim',
      'ㄅㄆ李',
      '々木',
      'ラーメン',
    ],
    ...[
      'ann@example.org',
      'o’neill+shop@sub.example.org',
      'анна@example.org',
      'анна@пример.example',
      '$%&',
      '1234',
    ],
    `${'a'.repeat(64)}@${'b'.repeat(185)}.com`,
    'ж'.repeat(254),
  ]) {
    const canonical = canonicalUsername(name) ?? ''
    t.equal(refuseNewName(canonical), null, name)
    t.equal(requireNewUsername(` ${name} `), canonical)
  }
})

t.test('UTS 39 §5.2: no mix of alphabets that look alike', async (t) => {
  for (const name of [
    ...[
      'аnn',
      'аnna',
      'pаypal',
      'οmega',
      'annа',
      'ann1а',
      'աnn',
      'ЅМITH',
      'дmitri',
      'αβв',
      'さくらα',
      '김さくら',
    ],
    ...[
      'аnn@example.org',
      'ann@exаmple.org',
      'ann@example.оrg',
      'ann.а@example.org',
      'सomething',
      'ann_٣',
    ],
  ])
    t.match(refuseNewName(canonicalUsername(name) ?? ''), /mix alphabets/, name)
})

t.test('UTS 39 §5.3: no digits of several alphabets', async (t) => {
  for (const name of ['محمد1٢', 'राम1२', '١۱']) {
    t.match(refuseNewName(canonicalUsername(name) ?? ''), /mix digits/, name)
  }
})

t.test('UTS 39 §5.4: marks belong to a letter, and not too many of them', async (t) => {
  for (const mark of [
    '\u0301ann',
    "'\u0301",
    'an\u0323\u0323n',
    'an\u0301\u0301n',
    'a\u0323\u0330\u0331\u0324\u0325',
  ])
    t.match(refuseNewName(canonicalUsername(mark) ?? ''), /accents/, mark)
  t.equal(refuseNewName('\u1eadnn'), null)
})

t.test('nothing that draws nothing, or is no letter, is in a new name', async (t) => {
  for (const code of [...BLANK, ...NO_LETTERS, ...RARE_MARKS]) {
    const name = canonicalUsername(`ann${String.fromCodePoint(code)}`)
    if (name !== null) t.match(refuseNewName(name), /^must/, `U+${code.toString(16)}`)
  }
  const visible = /^(?:[\x21-\x7e·ʻʼˬ‐’‧・]|[^\p{S}\p{P}\p{C}\p{Z}\p{Me}])*$/v
  for (let code = 0; code <= 0x10ffff; code++) {
    const name = canonicalUsername(`a${String.fromCodePoint(code)}`)
    if (name === null || refuseNewName(name) !== null) continue
    assert.match(name, visible, `U+${code.toString(16)}`)
  }
})

const BLANK = [
  ...[
    0x1d159, 0x1d157, 0x1d165, 0x1d16e, 0x1d173, 0x2800, 0xfffc, 0xfffd, 0x303f, 0x2ff0, 0x16fe4,
    0x1107f,
  ],
  ...[
    0x13430, 0x1bca0, 0x00ad, 0x034f, 0x200b, 0x200c, 0x200d, 0x2060, 0xfe0f, 0xe0100, 0xe0041, 0x3164,
  ],
  ...[0xffa0, 0x115f, 0x17b4, 0x180e, 0x061c, 0x202e, 0x0378, 0xe000, 0xffff, 0x10ffff, 0xd800],
]
const NO_LETTERS = [0x1f600, 0x2603, 0x2044, 0x2215, 0x02b9, 0x02c8, 0x203f, 0x13a0]
const RARE_MARKS = [0x20dd, 0x0489, 0x0332, 0x0305, 0x0363, 0x1dca, 0xfe20]

t.test('a name fits into a URL, however it is written there', async (t) => {
  t.match(refuseNewName('李'.repeat(171)), /512 bytes/)
  t.ok(encodeURIComponent('李'.repeat(170)).length < 1_600)
})

t.test('what is no name for a new account is refused, naming the field', async (t) => {
  for (const [name, message] of [
    ['a b', /visible/],
    ['ann\u{1d159}', /keyboard/],
    ['аnn', /alphabets/],
  ] as const) {
    t.throws(() => requireNewUsername(name), {
      code: 'invalid_request',
      members: { errors: [{ path: '/username', message }] },
    })
  }
})
