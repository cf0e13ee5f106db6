import { execFile } from 'node:child_process'
import fs, {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { keptSecret } from '../../src/database/session-secret.ts'

t.test('a secret is made once, of 256 random bits, for the owner only', async (t) => {
  const database = newPath(t)
  const secret = keptSecret(database)
  t.equal(Buffer.from(secret, 'base64url').length, 32)
  t.equal(keptSecret(database), secret)
  t.equal(statSync(join(database, '../session-secret')).mode & 0o777, 0o600)
  t.strictSame(readdirSync(join(database, '..')), ['session-secret'], 'no draft is left')
  t.not(keptSecret(newPath(t)), secret)
})

t.test('processes that start together sign with the same secret', async (t) => {
  const database = newPath(t)
  const program = `import { keptSecret } from ${JSON.stringify(join(import.meta.dirname, '../../src/database/session-secret.ts'))}
    process.stdout.write(keptSecret(${JSON.stringify(database)}))`
  const run = promisify(execFile)
  const outputs = await Promise.all(
    Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', program])),
  )
  const secrets = new Set(outputs.map(({ stdout }) => stdout))
  t.strictSame([...secrets], [keptSecret(database)])
  t.strictSame(readdirSync(join(database, '..')), ['session-secret'])
})

t.test('whoever comes second at the very moment takes the secret of the first', async (t) => {
  const first = 'the secret of a process that was faster'
  const { linkSync } = fs
  t.teardown(() => {
    fs.linkSync = linkSync
    syncBuiltinESMExports()
  })
  fs.linkSync = (draft, path) => {
    writeFileSync(path, first)
    linkSync(draft, path)
  }
  syncBuiltinESMExports()
  const database = newPath(t)
  t.equal(keptSecret(database), first)
  t.strictSame(readdirSync(join(database, '..')), ['session-secret'], 'no draft is left')
})

t.test('a secret that somebody put there is used, whatever its line ends with', async (t) => {
  const database = newPath(t)
  writeFileSync(join(database, '../session-secret'), 'a secret of my own, long enough for all\r\n')
  t.equal(keptSecret(database), 'a secret of my own, long enough for all')
})

t.test('a file that is empty or cut short is no secret, and stops the start', async (t) => {
  for (const content of ['', '\n', 'short']) {
    const database = newPath(t)
    const path = join(database, '../session-secret')
    writeFileSync(path, content)
    t.throws(() => keptSecret(database), { message: /session-secret.*32 characters/ })
    t.equal(readFileSync(path, 'utf8'), content, 'it is left for somebody to look at')
  }
})

t.test('a directory that is not there stops the start', async (t) => {
  t.throws(() => keptSecret(join(newPath(t), 'nowhere/oneseat.db')), { code: 'ENOENT' })
})

t.test('a file that cannot be read stops the start, and is not replaced', async (t) => {
  const database = newPath(t)
  mkdirSync(join(database, '../session-secret'))
  t.throws(() => keptSecret(database), { code: 'EISDIR' })
})

function newPath(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-secret-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'oneseat.db')
}
