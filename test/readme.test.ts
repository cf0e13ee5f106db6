import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { withTable } from '../tools/tables.ts'
import { endWithUs, withoutTap } from './support/children.ts'
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
  const service = await startWithNpm(env)
  const shown = shownCommands(readme)
  t.ok(shown.length >= 8)
  for (const { command, output } of shown) {
    const here = command.replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`)
    const printed = execFileSync(...withoutTap('sh', ['-c', here]), { cwd, env, encoding: 'utf8' })
    t.ok(matchesShown(printed, output), command, { printed, shown: output })
  }
  await service.stop()
  await t.rejects(fetch(`http://127.0.0.1:${port}/health/live`), 'nothing goes on without npm')
})

/** Starts the service as its README says, and waits until it listens. */
async function startWithNpm(env: NodeJS.ProcessEnv) {
  const npm = spawn(...withoutTap('npm', ['start']), {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  endWithUs(npm)
  const ended = new Promise<number | null>((done) => npm.once('close', done))
  await new Promise<void>((done, fail) => {
    let said = ''
    npm.stdout.on('data', (chunk) => {
      said += chunk
      if (said.includes('listening at')) done()
    })
    npm.once('close', () => fail(new Error(`npm start ended: ${said}`)))
  })
  return {
    /** As a process manager does it, which knows npm alone. Gives the exit code. */
    stop(): Promise<number | null> {
      npm.kill()
      return ended
    },
  }
}
