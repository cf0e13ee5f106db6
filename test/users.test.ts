import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Browser, PASSWORD } from './support/browser.ts'
import { startInstance } from './support/process.ts'
import { runUsers, typeAtTerminal } from './support/terminal.ts'

function emptyDatabase(t: Test): Record<string, string> {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-users-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return { DATABASE_URL: `file:${join(dir, 'oneseat.db')}`, ARGON2_MEMORY_KIB: '8', ARGON2_PASSES: '1' }
}

t.test(
  'an account made on the command line signs in, with its roles and with the password as it is',
  async (t) => {
    const env = emptyDatabase(t)
    const instance = await startInstance({ ...env, LOG_LEVEL: 'info' })
    t.teardown(() => instance.stop())
    const password = `  ${PASSWORD}  `
    const made = await runUsers(
      ['add', 'Ann', '--role', 'admin', '--role', 'editor', '--password-stdin'],
      {
        env,
        stdin: `${password}\n`,
      },
    )
    t.match(made, { code: 0, stdout: 'ann has an account now, with roles admin, editor.\n', stderr: '' })

    const device = new Browser(instance.url)
    const login = await device.post('/login', { username: 'ann', password })
    t.match(login, { status: 200, body: { user: { username: 'ann', roles: ['admin', 'editor'] } } })
    const { body } = await device.get('/me/timeline')
    t.match(body.events.at(-1), { type: 'registered', by: { user: 'command line' } })

    const list = await runUsers(['list'], { env })
    const today = login.body.session.createdAt.slice(0, 10)
    t.match(list, { code: 0, stdout: `ann\tadmin,editor\t${today}\t${today}\tenabled\n` })
  },
)

t.test('a refusal exits with 1, a mistake in the command with 2', async (t) => {
  const [refused, mistaken, alone, help] = await Promise.all([
    runUsers(['add', 'ann', '--password-stdin'], { env: emptyDatabase(t), stdin: 'too short' }),
    runUsers(['add', 'ann', '--password', PASSWORD], { env: {} }),
    runUsers(['add', 'ann'], { env: emptyDatabase(t) }),
    runUsers(['--help'], { env: {} }),
  ])
  t.match(refused, { code: 1, stdout: '', stderr: /^users: Use at least 15 characters.*\n$/ })
  t.match(mistaken, { code: 2, stdout: '', stderr: /--help\n$/ })
  t.match(alone, { code: 2, stdout: '', stderr: /no terminal.*--password-stdin/ })
  t.match(help, { code: 0, stdout: /add NAME/, stderr: '' })
})

t.test('at a terminal it asks twice and shows nothing of what is typed', async (t) => {
  const env = emptyDatabase(t)
  const asked = await typeAtTerminal(['add', 'ann'], env, [
    { on: 'Password', type: `${PASSWORD}x\x7f\r` },
    { on: 'again', type: `${PASSWORD}\r` },
  ])
  t.equal(asked.code, 0, 'a backspace is one')
  t.match(asked.screen, /ann has an account now\./)
  t.notMatch(asked.screen, PASSWORD.slice(0, 4))
})

t.test('two different passwords make no account', async (t) => {
  const asked = await typeAtTerminal(['add', 'ann'], emptyDatabase(t), [
    { on: 'Password', type: `${PASSWORD}\r` },
    { on: 'again', type: `${PASSWORD}!\r` },
  ])
  t.match(asked, { code: 1, screen: /two different/ })
})

t.test('Ctrl-C gives up', async (t) => {
  const asked = await typeAtTerminal(['add', 'ann'], emptyDatabase(t), [
    { on: 'Password', type: 'half a passw\x03' },
  ])
  t.match(asked, { code: 1, screen: /nothing was changed/ })
})
