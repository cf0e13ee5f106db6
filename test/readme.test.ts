import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { TABLES, type TableName, withTable } from '../tools/tables.ts'
import { startExample } from './examples/start-example.ts'
import { endWithUs, withoutTap } from './support/children.ts'
import { matchesShown, shownCommands } from './support/console.ts'
import { freePort } from './support/redis.ts'

const ROOT = join(import.meta.dirname, '..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** A section of README, by its title. */
function section(title: string): string {
  const found = readme.split(/^## /m).find((text) => text.startsWith(`${title}\n`))
  if (found === undefined) throw new Error(`README has no section ${title}`)
  return found
}

t.test('it is short, and tells things in the order in which a newcomer asks', async (t) => {
  t.ok(readme.split('\n').length <= 251)
  t.strictSame(
    [...readme.matchAll(/^## (.*)$/gm)].map(([, title]) => title),
    [
      ...['In your own app', 'The service', 'Try it', 'What it promises', 'Which door for whom'],
      ...['Settings', 'At scale', 'How a request travels', 'Reading order'],
    ],
  )
})

t.test('tables in documents are what the code says; else run `npm run docs`', async (t) => {
  for (const [name, { file }] of Object.entries(TABLES)) {
    const document = readFileSync(join(ROOT, file), 'utf8')
    t.equal(document, withTable(document, name as TableName), file)
  }
})

t.test('the app of one’s own does what is shown', async (t) => {
  const cwd = emptyFolder(t)
  const port = await freePort()
  const [, app = ''] = /^```js\n(.*?)^```$/ms.exec(section('In your own app')) ?? []
  const lines = app.split('\n').filter((line) => line !== '').length
  t.ok(lines <= 14, `a dozen lines: ${lines}`)
  writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(cwd, 'app.js'), app.replace('3000', String(port)))
  const SESSION_SECRET = 'a secret of the tests that is long enough'
  await startExample(t, join(cwd, 'app.js'), { SESSION_SECRET })
  runShown(t, section('In your own app'), { cwd, port, env: process.env })
})

t.test('`npm start`, and then every line that it shows, does what it shows', async (t) => {
  const cwd = emptyFolder(t)
  const port = await freePort()
  const env = {
    ...process.env,
    PORT: String(port),
    DATABASE_URL: `file:${join(cwd, 'data/oneseat.db')}`,
  }
  const service = await startWithNpm(env)
  runShown(t, section('Try it'), { cwd, port, env })
  await service.stop()
  await t.rejects(fetch(`http://127.0.0.1:${port}/health/live`), 'nothing goes on without npm')
})

/** Inside the project, so that npm and Node.js find it from there. */
function emptyFolder(t: Test): string {
  const cwd = mkdtempSync(join(ROOT, '.tap/readme-'))
  t.teardown(() => rmSync(cwd, { recursive: true, force: true }))
  return cwd
}

type Place = { cwd: string; port: number; env: NodeJS.ProcessEnv }

/** Runs each command of a text, with another port, and compares what it prints with what is shown. */
function runShown(t: Test, text: string, { cwd, port, env }: Place): void {
  const shown = shownCommands(text)
  t.ok(shown.length >= 4)
  for (const { command, output } of shown) {
    const here = command.replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`)
    const printed = execFileSync(...withoutTap('sh', ['-c', here]), { cwd, env, encoding: 'utf8' })
    t.ok(matchesShown(printed, output), command, { printed, shown: output })
  }
}

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
