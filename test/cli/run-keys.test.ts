import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Browser } from '../support/browser.ts'
import { compiledOnce, loadedSooner, withoutTap } from '../support/children.ts'
import { startInstance } from '../support/process.ts'

const ROOT = join(import.meta.dirname, '../..')

t.test('a key is made, shown once, used, listed and revoked', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-keys-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const env = { DATABASE_URL: `file:${join(dir, 'oneseat.db')}` }
  const options = {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...compiledOnce(), ...env },
    encoding: 'utf8',
  } as const
  const counted = (...args: string[]) =>
    spawnSync(process.execPath, [...loadedSooner(), 'src/cli.ts', 'keys', ...args], {
      ...options,
      env: { ...process.env, ...options.env },
    })
  const npm = (...args: string[]) =>
    spawnSync(...withoutTap('npm', ['run', '-s', 'keys', '--', ...args]), options)
  const instance = await startInstance(env)
  t.teardown(() => instance.stop())

  const made = counted('add', 'ops', '--scope', 'admin')
  t.match(made, { status: 0, stdout: /^osk_[\w-]{49}\n$/, stderr: /shown only now/ })
  t.match(npm('add', 'ops', '--scope', 'sign-in'), {
    status: 1,
    stdout: '',
    stderr: /^keys: there is a key ops already/,
  })
  t.match(npm('list'), { status: 0, stdout: /^ops\tadmin\t\d{4}-\d\d-\d\d \d\d:\d\d\tnever\n$/ })
  const ops = new Browser(instance.url, { authorization: `Bearer ${made.stdout.trim()}` })
  t.equal((await ops.get('/admin/users')).status, 200)
  const listed = counted('list')
  t.match(listed, { stdout: /^ops\tadmin\t\S+ \S+\t\d{4}-/ })
  t.notOk(listed.stdout.includes('osk_'))

  t.match(counted('revoke', 'ops'), { status: 0, stdout: /ops is refused from now on/ })
  t.match(await ops.get('/admin/users'), { status: 401, body: { code: 'invalid_key' } })
  t.match(counted('revoke', 'ops'), { status: 1, stderr: /there is no key ops/ })
  t.match(npm('add'), { status: 2, stderr: /Try: npm run keys -- --help/ })
  t.match(counted('--help'), { status: 0, stdout: /keys -- add NAME --scope/ })
})

t.test('a key that could not be shown to anybody is no key', { skip: !existsSync('/dev/full') }, (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-keys-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const env = { ...process.env, DATABASE_URL: `file:${join(dir, 'oneseat.db')}` }
  const keys = (args: string[], stdout: number | 'pipe' = 'pipe') =>
    spawnSync(process.execPath, ['src/cli.ts', 'keys', ...args], {
      ...{ cwd: ROOT, env, encoding: 'utf8' },
      stdio: ['ignore', stdout, 'pipe'],
    })
  const full = openSync('/dev/full', 'w') // as a file on a disk that is full
  t.teardown(() => closeSync(full))
  t.match(keys(['add', 'ops', '--scope', 'admin'], full), {
    status: 1,
    stderr: /^keys: it could not be written, and is no key any more: ENOSPC.*\n$/m,
  })
  t.match(keys(['list']), { status: 0, stdout: /^$/ })
  t.match(keys(['add', 'ops', '--scope', 'admin']), { status: 0, stdout: /^osk_/ })
  t.match(keys(['list'], full), { status: 1, stderr: /^keys: ENOSPC.*\n$/ })
  t.end()
})
