import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadDotEnv } from '../../src/settings/dot-env.ts'
import { SettingsError } from '../../src/settings/settings.ts'

const before = process.cwd()
const dir = mkdtempSync(join(tmpdir(), 'oneseat-dot-env-'))
process.chdir(dir)
t.teardown(() => {
  process.chdir(before)
  rmSync(dir, { recursive: true })
})

function load(text: string | Buffer, env: Record<string, string | undefined> = {}) {
  writeFileSync('.env', text)
  loadDotEnv(env)
  return env
}

t.test('what the environment has comes first, and a byte order mark is no letter', async (t) => {
  t.strictSame(load('\ufeffPORT=1\nHOST=a\n', { HOST: 'b' }), { PORT: '1', HOST: 'b' })
})

t.test('without a file, or with a directory of its name, nothing changes', async (t) => {
  process.chdir(before)
  const env = {}
  loadDotEnv(env)
  process.chdir(dir)
  t.strictSame(env, {})
})

t.test('a file that is no text is refused', async (t) => {
  t.throws(
    () => load(Buffer.from('PORT=1', 'utf16le').fill(0xff, 0, 1)),
    /^\.env: this file is not text/,
  )
})

t.test(
  'a # that would cut a value is refused with its line, and no part of the value is shown',
  async (t) => {
    for (const [text, line] of [
      ['SESSION_SECRET=hunter2#hunter3', 1],
      ['SESSION_SECRET=#hunter2', 1],
      ['SESSION_SECRET=hunter"#"2', 1],
      ['SESSION_SECRET=hunter2#3 # a comment', 1],
      ['SESSION_SECRET=hunter2 hunter#3', 1],
      ['\n# SESSION_SECRET=x\nPORT=1\n export SESSION_SECRET = hunter2#3\n', 4],
      ['SESSION_SECRET=good\r\nSESSION_SECRET=hunter2#3\r\nPORT=1\r\n', 2],
      ['DATABASE_URL=postgres://u:hunter2#3@h/d', 1],
      ['REDIS_URL=redis://:hunter2#3@h', 1],
    ] as const)
      t.throws(
        () => load(text),
        {
          constructor: SettingsError,
          message: new RegExp(`^\\.env, line ${line}: [A-Z_]+ (?!.*hunter).*quotes`),
        },
        text,
      )
  },
)

t.test('quotes that are not closed are refused', async (t) => {
  for (const quote of ['"', "'", '`'])
    t.throws(() => load(`PORT=1\nSESSION_SECRET=${quote}hunter2`), {
      message: '.env, line 2: SESSION_SECRET has a value whose quotes are not closed.',
    })
})

t.test('quotes keep a #, and a comment stands behind a space', async (t) => {
  for (const [text, value] of [
    ['"a#b"', 'a#b'],
    ["'a#b#'", 'a#b#'],
    ['`#a`', '#a'],
    ['"a#b" # c#d', 'a#b'],
    ['a # b', 'a'],
    ['a\t# b#c', 'a'],
    ['a  ## b', 'a'],
    [' # a', ''],
    ['"a\nPORT=1#2\nb"', 'a\nPORT=1#2\nb'],
    ['a=b?c', 'a=b?c'],
  ] as const)
    t.strictSame(load(`# HOST=x#y\nSESSION_SECRET=${text}\n#x\n`), { SESSION_SECRET: value }, text)
})

t.test('what other programs keep in the file is their own affair', async (t) => {
  t.strictSame(load('OTHER=a#b\nPORT=1'), { OTHER: 'a', PORT: '1' })
})
