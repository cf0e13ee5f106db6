import t from 'tap'
import { readPassword } from '../../src/cli/password.ts'

t.test('the line end behind a password is not part of it, and everything else is', async (t) => {
  for (const end of ['', '\n', '\r\n']) {
    t.equal(
      readPassword(Buffer.from(`  a password, with spaces \t${end}`)),
      '  a password, with spaces \t',
    )
  }
  t.equal(readPassword(Buffer.from('\u{feff}naïve 🔑')), '\u{feff}naïve 🔑')
  t.equal(readPassword(Buffer.from('')), '')
})

t.test('more than one line is no password', async (t) => {
  t.throws(() => readPassword(Buffer.from('one line\nand another')), { name: 'UsageError' })
})

t.test('bytes that are no text are refused, not replaced', async (t) => {
  t.throws(() => readPassword(Buffer.from([0x61, 0xff, 0x62])), { name: 'UsageError' })
})
