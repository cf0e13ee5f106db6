import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readSettings } from '../src/settings/settings.ts'
import { warningsAbout } from '../src/settings/warnings.ts'
import { Browser } from './support/browser.ts'
import { startInstance } from './support/process.ts'

const LONG = 'fV2Kq8Zp1Xw7Rt4Ys9Lm3Nb6Hd0Jc5Ga'

t.test(
  'A 13.3.1: settings that cannot be meant stop the start, with the name of the variable',
  async (t) => {
    for (const [name, value] of [
      ['SESSION_SECRET', 'short'],
      ['SESSION_SECRET', 'a'.repeat(64)],
      ['SESSION_SECRET', 'change-me-change-me-change-me-1234'],
      ['SESSION_SECRET', 'insert-your-own-secret-here-please'],
      ['SESSION_SECRET', `${LONG},short`],
      ['COOKIE_SECURE', 'false'],
      ['COOKIE_SECURE', 'yes'],
      ['THROTTLE', 'no'],
      ['ALLOWED_ORIGINS', '*'],
      ['ALLOWED_ORIGINS', 'null'],
      ['ALLOWED_ORIGINS', 'https://app.example/'],
      ['ALLOWED_ORIGINS', 'https://APP.example'],
      ['ALLOWED_ORIGINS', 'https://app.example:443'],
      ['ALLOWED_ORIGINS', 'app.example'],
      ['TRUST_PROXY', 'true'],
      ['TRUST_PROXY', '1'],
      ['TRUST_PROXY', '0.0.0.0/0'],
      ['TRUST_PROXY', '::/0'],
      ['TRUST_PROXY', '10.0.0.0/33'],
      ['TRUST_PROXY', 'proxy.example'],
      ['IDLE_TIMEOUT', '0s'],
      ['IDLE_TIMEOUT', '30'],
      ['PORT', '65536'],
      ['LOG_LEVEL', 'loud'],
    ] as const) {
      t.throws(
        () => readSettings({ [name]: value }),
        { name: 'Error', message: new RegExp(`^${name}: `) },
        `${name}=${value}`,
      )
    }
  },
)

t.test('settings that contradict each other stop the start', async (t) => {
  for (const env of [
    { IDLE_TIMEOUT: '13h', ABSOLUTE_TIMEOUT: '12h' },
    { COOKIE_SECURE: 'true', ALLOWED_ORIGINS: 'http://app.example' },
  ])
    t.throws(() => readSettings(env), { message: /^[A-Z_]+: / }, JSON.stringify(env))
})

t.test('settings that are meant are taken', async (t) => {
  const settings = readSettings({
    SESSION_SECRET: LONG,
    ALLOWED_ORIGINS: 'https://app.example, http://localhost:5173',
    TRUST_PROXY: '127.0.0.1, ::1, 10.0.0.0/8, fd00::/8',
  })
  t.strictSame(settings.ALLOWED_ORIGINS, ['https://app.example', 'http://localhost:5173'])
  t.equal(settings.TRUST_PROXY.length, 4)
})

t.test('a value that may hold a password is not repeated', async (t) => {
  for (const name of ['SESSION_SECRET', 'DATABASE_URL', 'REDIS_URL'])
    t.throws(() => readSettings({ [name]: 'hunter2' }), { message: /^(?!.*hunter2)/s }, name)
  const long = 'Wj3kd9sLq0ZpA7vB2nM5xT8yR1uE4iOc'
  t.throws(() => readSettings({ COOKIE_SECURE: long }), { message: /^COOKIE_SECURE: the value cannot/ })
})

t.test('A 11.4.2: weaker hashes than OWASP asks for, and no throttle, are warned of', async (t) => {
  const about = (env: Record<string, string>) =>
    warningsAbout(readSettings(env)).map((line) => line.split(/[:,]/)[0])
  t.strictSame(about({}), [])
  t.strictSame(about({ ARGON2_MEMORY_KIB: '47104', ARGON2_PASSES: '1' }), [])
  t.strictSame(about({ ARGON2_MEMORY_KIB: '19456', ARGON2_PASSES: '1' }), ['ARGON2_MEMORY_KIB'])
  t.strictSame(about({ ARGON2_MEMORY_KIB: '8', ARGON2_PASSES: '50' }), ['ARGON2_MEMORY_KIB'])
  t.strictSame(about({ THROTTLE: 'off' }), ['THROTTLE'])
})

t.test('the program itself ends with 1 and one line, or starts and writes its warnings', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-start-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const DATABASE_URL = `file:${join(dir, 'oneseat.db')}`
  await t.rejects(startInstance({ DATABASE_URL, SESSION_SECRET: 'short' }), {
    message: /^ended with 1 before it listened\noneseat: SESSION_SECRET: [^\n]*\n$/,
  })
  await t.rejects(startInstance({ DATABASE_URL: 'postgres://nowhere', SESION_SECRET: 'x'.repeat(32) }), {
    message: /\noneseat: SESION_SECRET is no setting.*\noneseat: SESSION_SECRET: needed [^\n]*\n$/,
  })
  const SESSION_SECRET = LONG
  for (const [url, told] of [
    ['postgres://u:hunter#2@127.0.0.1:1/d', /percent-encode/],
    ['postgres://u:hunter%@127.0.0.1:1/d', /percent-encode/],
    [`file:${dir}/x.db?mode=ro`, /no options/],
    [`file:${dir}`, /EISDIR/],
    ['file:/proc/nope/a.db', /ENOENT/],
  ] as const)
    await t.rejects(startInstance({ DATABASE_URL: url, SESSION_SECRET }), {
      message: new RegExp(
        `^ended with 1 .*\\noneseat: DATABASE_URL: (?!.*hunter)[^\\n]*${told.source}[^\\n]*\\n$`,
      ),
    })
  const weak = await startInstance({
    ...{ DATABASE_URL, THROTTLE: 'off', ARGON2_PASSES: '1' },
    KEEP_ALIVE_TIMEOUT: '5s',
  })
  t.equal(weak.logs.filter(({ event }) => event === 'weak_setting').length, 2)
  const { headers } = await new Browser(weak.url).get('/health/live')
  t.equal(headers.get('keep-alive'), 'timeout=5')
  t.equal(await weak.stop(), 0)
})
