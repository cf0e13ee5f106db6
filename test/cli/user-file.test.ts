import fc from 'fast-check'
import t from 'tap'
import { refuseHash } from '../../src/accounts/stored-hash.ts'
import { decodeText, readUserFile } from '../../src/cli/user-file.ts'
import { anyText } from '../support/any-text.ts'

const HASH = `$2b$10$${'a'.repeat(53)}`

t.test('JSON lines: one user a line, by the canonical form of their name', async (t) => {
  const text = `{"username":"Ann","passwordHash":"${HASH}","roles":["admin","editor"]}\r\n\n${JSON.stringify({ username: 'bob', passwordHash: HASH })}`
  t.strictSame(readUserFile(text, 'jsonl'), {
    users: [
      { line: 1, username: 'ann', passwordHash: HASH, roles: ['admin', 'editor'] },
      { line: 3, username: 'bob', passwordHash: HASH, roles: [] },
    ],
    bad: [],
  })
})

t.test('CSV: by the names in its header, in any order, quoted or not', async (t) => {
  const text = `roles,passwordHash,username\n"admin, editor",${HASH},Ann\n\n,"${HASH}","b""b"\nadmin;editor,${HASH},cid\n`
  const { users, bad } = readUserFile(text, 'csv')
  t.strictSame(bad, [])
  t.match(users, [
    { line: 2, username: 'ann', roles: ['admin', 'editor'] },
    { line: 4, username: 'b"b', roles: [] },
    { line: 5, username: 'cid', roles: ['admin', 'editor'] },
  ])
  t.strictSame(readUserFile(`username,passwordHash\nann,${HASH}`, 'csv').users[0]?.roles, [])
})

t.test('each bad line is told with its number and what is wrong', async (t) => {
  const user = (parts: object) => JSON.stringify({ username: 'x', passwordHash: HASH, ...parts })
  const lines: [line: string, problem: RegExp][] = [
    ['not json', /^this is not JSON$/],
    ['[]', /^the line: expected object$/],
    ['{}', /^username: expected required property$/],
    [user({ username: 'a b' }), /^username: must be 1 to 254 visible/],
    [user({ username: 1 }), /^username: expected string$/],
    [user({ passwordHash: 'secret' }), /^passwordHash: only argon2, bcrypt, scrypt and PBKDF2/],
    [user({ roles: ['Admin'] }), /^roles\/0: /],
    [user({ roles: 'admin' }), /^roles: expected array$/],
    [user({ email: 'x@example.org' }), /^email: unexpected property$/],
    [user({ username: 'ANN' }), /^ann is on line 1 already$/],
    [user({ username: 'аnn' }), /^username: must not mix alphabets/],
    [user({ username: 'ann\u{1d159}' }), /^username: must be of letters/],
    [user({ username: 'ɑnn' }), /^ɑnn looks like ann on line 1 already$/],
    [
      user({ passwordHash: '{noop}secret' }),
      /^passwordHash: hashes that begin with {noop} are not taken/,
    ],
    [
      user({ passwordHash: '$argon2id$v=19$m=1048576,t=8,p=1$AAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAA' }),
      /costs more/,
    ],
  ]
  const text = [user({ username: 'ann' }), ...lines.map(([line]) => line)].join('\n')
  const { users, bad } = readUserFile(text, 'jsonl')
  t.equal(users.length, 1)
  t.equal(bad.length, lines.length)
  for (const [i, [, problem]] of lines.entries()) {
    t.equal(bad[i]?.line, i + 2)
    t.match(bad[i]?.problem, problem)
  }
})

t.test('CSV that is broken in one line is read in the others', async (t) => {
  const text = `username,passwordHash,roles\nann,${HASH},\nbob\ncid,${HASH},\n"dan,${HASH},\n`
  const { users, bad } = readUserFile(text, 'csv')
  t.strictSame(
    users.map(({ username }) => username),
    ['ann', 'cid'],
  )
  t.match(bad, [
    { line: 3, problem: /^this is not CSV: .*length.*a value with commas has to be in quotes/i },
    { line: 5, problem: /^this is not CSV: .*quote/i },
  ])
})

t.test('no text of any kind makes it throw, and no user comes out that could not sign in', async () => {
  fc.assert(
    fc.property(anyText(), fc.constantFrom('csv', 'jsonl'), (text, format) => {
      const { users } = readUserFile(`username,passwordHash\n${text}`, format as 'csv')
      return users.every(({ passwordHash }) => refuseHash(passwordHash) === null)
    }),
  )
})

t.test('a file without the columns we need says so, once', async (t) => {
  for (const [header, why] of [
    ['username;passwordHash;roles', 'separated by semicolons'],
    ['"username";"passwordHash"', 'separated by semicolons'],
    ['sep=;\nusername;passwordHash', 'separated by semicolons'],
    ['\nusername\tpasswordHash', 'separated by tabs'],
    ['username|passwordHash', 'separated by bars'],
    ['username,password', 'no column passwordHash'],
    ['name,passwordHash', 'no column username'],
    ['username, passwordHash', 'no column passwordHash'],
  ] as const) {
    t.throws(
      () => readUserFile(`${header}\nann;${HASH}\n`, 'csv'),
      { name: 'UsageError', message: why },
      header,
    )
  }
  t.throws(() => readUserFile('', 'csv'), { message: 'no column username' })
  t.strictSame(readUserFile(`\n"username",passwordHash\nann,${HASH}\n`, 'csv').bad, [])
})

t.test('a byte order mark is not part of the text, and other bytes are no text', async (t) => {
  t.equal(decodeText(Buffer.from('\u{feff}username'), 'f'), 'username')
  t.throws(() => decodeText(Buffer.from([0xff]), 'f.csv'), { message: /^f\.csv is not text/ })
})
