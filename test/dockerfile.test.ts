import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { withoutTap } from './support/children.ts'
import { readStages, textsOf } from './support/dockerfile.ts'
import { freePort } from './support/redis.ts'

const ROOT = join(import.meta.dirname, '..')
const [packages = [], image = []] = readStages(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))

t.test(
  'built by hand from the Dockerfile, the image serves, and knows whether it is healthy',
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'oneseat-image-'))
    t.teardown(() => rmSync(dir, { recursive: true, force: true }))
    for (const source of [...sourcesOf(packages), ...sourcesOf(image)]) {
      cpSync(join(ROOT, source), join(dir, source), { recursive: true })
    }
    for (const command of textsOf(packages, 'RUN')) {
      const env = { ...process.env, npm_config_prefer_offline: 'true' } // what npm has just brought for us will do
      execFileSync(...withoutTap('sh', ['-c', command]), { cwd: dir, env, stdio: 'pipe' })
    }
    const PORT = String(await freePort())
    const env = { PATH: process.env['PATH'], PORT, DATABASE_URL: `file:${join(dir, 'data/oneseat.db')}` }
    const check = commandOf(textsOf(image, 'HEALTHCHECK')[0])
    const isHealthy = () => spawnSync(...withoutTap('node', check.slice(1)), { env }).status === 0

    const [, ...args] = commandOf(textsOf(image, 'CMD')[0])
    const server = spawn(...withoutTap('node', args), { cwd: dir, env, stdio: 'ignore' })
    t.teardown(() => server.kill('SIGKILL'))
    const exited = new Promise((done) => server.once('exit', done))
    let tries = 0
    while (!isHealthy() && tries < 100) tries++
    t.ok(tries < 100, 'healthy soon')

    server.kill(textsOf(image, 'STOPSIGNAL')[0] as NodeJS.Signals)
    t.equal(await exited, 0)
    t.notOk(isHealthy(), 'not any more')
    const compiled = readdirSync(join(dir, 'node_modules/.cache/oneseat'))
    t.not(compiled.length, 0, 'where it may write, the next start need not compile again')
  },
)

t.test('nothing reaches the build but what it copies', async (t) => {
  const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8').match(/^!.+$/gm) ?? []
  t.same(
    new Set(allowed.map((line) => line.slice(1))),
    new Set([...sourcesOf(packages), ...sourcesOf(image)]),
  )
  t.match(readFileSync(join(ROOT, '.dockerignore'), 'utf8'), /^\*$/m)
})

t.test('the service does not run as root, and writes only to its volume', async (t) => {
  const order = image.map((each) => each.name)
  t.equal(textsOf(image, 'USER').at(-1), 'node')
  t.ok(order.lastIndexOf('USER') > Math.max(order.lastIndexOf('RUN'), order.lastIndexOf('COPY')))
  const [volume] = textsOf(image, 'VOLUME')
  t.match(textsOf(image, 'ENV').join(' '), `DATABASE_URL=file:${volume}/`)
})

t.test('it runs on the Node that the tests run on', async (t) => {
  const [major] = process.versions.node.split('.')
  t.same(
    [...textsOf(packages, 'FROM'), ...textsOf(image, 'FROM')],
    [`node:${major}-slim AS packages`, `node:${major}-slim`],
  )
  t.same(commandOf(textsOf(image, 'CMD')[0]), ['node', 'src/cli.ts', 'serve'])
})

/** What is copied from outside; what comes from an earlier stage was made there. */
function sourcesOf(stage: typeof image): string[] {
  return textsOf(stage, 'COPY')
    .filter((text) => !text.startsWith('--from='))
    .flatMap((text) => text.split(' ').slice(0, -1))
}

/** The words of a command in its JSON form. */
function commandOf(text = ''): string[] {
  return JSON.parse(text.slice(text.indexOf('['))) as string[]
}
