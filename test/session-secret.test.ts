import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { keptSecret } from '../src/session-secret.ts'

t.test('a secret is made once, for its owner only, and stays', async (t) => {
  const dir = newFolder(t)
  const secret = keptSecret(join(dir, 'oneseat.db'))
  t.equal(Buffer.from(secret, 'base64url').length, 32)
  t.equal(keptSecret(join(dir, 'oneseat.db')), secret)
  t.equal(statSync(join(dir, 'session-secret')).mode & 0o777, 0o600)
  t.strictSame(readdirSync(dir), ['session-secret'], 'no draft is left behind')
})

t.test('of processes that start together all have the same', async (t) => {
  const dir = newFolder(t)
  const program = `import { keptSecret } from ${JSON.stringify(join(import.meta.dirname, '../src/session-secret.ts'))}
    process.stdout.write(keptSecret(${JSON.stringify(join(dir, 'oneseat.db'))}))`
  const run = promisify(execFile)
  const starts = Array.from({ length: 8 }, () =>
    run(process.execPath, ['--input-type=module', '-e', program]),
  )
  const secrets = (await Promise.all(starts)).map(({ stdout }) => stdout)
  t.equal(new Set(secrets).size, 1)
  t.equal(secrets[0], keptSecret(join(dir, 'oneseat.db')))
})

t.test('a folder that cannot be written to stops the start, and keeps no draft', async (t) => {
  const dir = newFolder(t)
  t.throws(() => keptSecret(join(dir, 'not there', 'oneseat.db')), { code: 'ENOENT' })
  writeFileSync(join(dir, 'a file'), '')
  t.throws(() => keptSecret(join(dir, 'a file', 'oneseat.db')), { code: 'ENOTDIR' })
})

function newFolder(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-secret-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
