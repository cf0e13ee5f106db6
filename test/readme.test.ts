import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { withTable } from '../tools/tables.ts'
import { withoutTap } from './support/children.ts'
import { matchesShown, shownCommands } from './support/console.ts'
import { freePort } from './support/redis.ts'

const ROOT = join(import.meta.dirname, '..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

t.test('its tables are what the code says; else run `npm run docs`', async (t) => {
  t.equal(readme, withTable(readme, 'api'))
  t.equal(readme, withTable(readme, 'settings'))
})

t.test('`npm start`, and then every line that it shows, does what it shows', async (t) => {
  const cwd = mkdtempSync(join(ROOT, '.tap/readme-')) // inside the project, so that npm finds it from here
  t.teardown(() => rmSync(cwd, { recursive: true, force: true }))
  const port = await freePort()
  const env = {
    ...process.env,
    PORT: String(port),
    DATABASE_URL: `file:${join(cwd, 'data/oneseat.db')}`,
  }
  await startWithNpm(t, env)
  const shown = shownCommands(readme)
  t.ok(shown.length >= 8)
  for (const { command, output } of shown) {
    const here = command.replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`)
    const printed = execFileSync(...withoutTap('sh', ['-c', here]), { cwd, env, encoding: 'utf8' })
    t.ok(matchesShown(printed, output), command, { printed, shown: output })
  }
})

/** Starts the service as its README says, waits until it listens, and stops it with the test. */
async function startWithNpm(t: Test, env: NodeJS.ProcessEnv): Promise<void> {
  const npm = spawn(...withoutTap('npm', ['start']), {
    cwd: ROOT,
    env,
    detached: true, // npm, its shell and the service are one group, to be stopped together
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise((done) => npm.once('close', done))
  t.teardown(async () => {
    process.kill(-(npm.pid as number), 'SIGTERM')
    await ended
  })
  await new Promise<void>((done, fail) => {
    let said = ''
    npm.stdout.on('data', (chunk) => {
      said += chunk
      if (said.includes('listening at')) done()
    })
    npm.once('close', () => fail(new Error(`npm start ended: ${said}`)))
  })
}
