import fc from 'fast-check'
import t from 'tap'
import { Settings } from '../../schemas/settings.ts'
import { readSettings, SettingsError } from '../../src/settings/settings.ts'
import { anyText } from '../support/any-text.ts'

const SECRET = 'a secret of thirty-two characters!'

t.test('without any, every setting has the default that the schema names', async (t) => {
  const settings = readSettings({})
  t.match(settings, {
    ...{
      HOST: '127.0.0.1',
      PORT: 3000,
      DATABASE_URL: 'file:./data/oneseat.db',
      REDIS_URL: '',
    },
    ...{ SESSION_SECRET: [], SESSION_LIMIT: 1, SESSION_LIMIT_BY_ROLE: [], ON_LIMIT: 'replace' },
    ...{ IDLE_TIMEOUT: 30 * 60_000, ABSOLUTE_TIMEOUT: 12 * 3_600_000, REFUSE_WHILE_SEEN: 5 * 60_000 },
    ...{ SIGNUP: 'open', COOKIE_SECURE: 'auto', THROTTLE: 'on', ARGON2_MEMORY_KIB: 19456 },
  })
  t.strictSame(Object.keys(settings).toSorted(), Object.keys(Settings.properties).toSorted())
  t.ok(settings.HASH_CONCURRENCY >= 1)
  t.ok(Object.isFrozen(settings))
})

t.test('a value that is empty or blank is as if it were not there', async (t) => {
  const blank = Object.fromEntries(Object.keys(Settings.properties).map((name) => [name, ' ']))
  t.strictSame(readSettings(blank), readSettings({}))
})

t.test('what is given is read as what it means', async (t) => {
  const settings = readSettings({
    ...{ PORT: ' 8080 ', IDLE_TIMEOUT: '1500ms', ABSOLUTE_TIMEOUT: '2d', REFUSE_WHILE_SEEN: '45s' },
    ...{ SESSION_SECRET: `${SECRET} , ${SECRET}2`, SESSION_LIMIT_BY_ROLE: 'admin:3, kiosk:1' },
    ...{ TRUST_PROXY: '10.0.0.0/8,::1', HASH_CONCURRENCY: '3', ON_LIMIT: 'ask' },
    ...{ ALLOWED_ORIGINS: 'https://app.example, http://localhost:5173', PATH: '/bin' },
  })
  t.match(settings, {
    ...{ PORT: 8080, IDLE_TIMEOUT: 1500, ABSOLUTE_TIMEOUT: 172_800_000, REFUSE_WHILE_SEEN: 45_000 },
    ...{ SESSION_SECRET: [SECRET, `${SECRET}2`], SESSION_LIMIT_BY_ROLE: ['admin:3', 'kiosk:1'] },
    ...{ TRUST_PROXY: ['10.0.0.0/8', '::1'], HASH_CONCURRENCY: 3, ON_LIMIT: 'ask' },
    ALLOWED_ORIGINS: ['https://app.example', 'http://localhost:5173'],
  })
})

t.test('people are not sent to what is no place', async (t) => {
  for (const name of ['RESET_URL', 'CONFIRM_URL', 'INVITE_URL'])
    t.throws(() => readSettings({ [name]: 'https://x:99999/{token}' }), {
      message: new RegExp(`^${name}: this is not a URL\\. Your page`),
    })
  t.throws(() => readSettings({ CHANGE_PASSWORD_URL: 'https://x:99999/' }), {
    message: /^CHANGE_PASSWORD_URL: this is not a URL/,
  })
})

t.test('load tests have no kick wars, unless somebody asks for them', async (t) => {
  t.equal(readSettings({}).KICK_WAR_LIMIT, 6)
  t.equal(readSettings({ THROTTLE: 'off' }).KICK_WAR_LIMIT, 0)
  t.equal(readSettings({ THROTTLE: 'off', KICK_WAR_LIMIT: '6' }).KICK_WAR_LIMIT, 6)
  t.throws(() => readSettings({ KICK_WAR_LIMIT: '16' }), { message: /^KICK_WAR_LIMIT: / })
})

t.test('nothing is sent unsigned, nor to what is no web address', async (t) => {
  const WEBHOOK_URL = 'https://hooks.example/oneseat'
  const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 'x').toString('base64')}`
  t.match(readSettings({ WEBHOOK_URL, WEBHOOK_SECRET }), { WEBHOOK_URL, WEBHOOK_SECRET })
  t.throws(() => readSettings({ WEBHOOK_URL }), { message: /^WEBHOOK_SECRET: / })
  t.throws(() => readSettings({ WEBHOOK_URL, WEBHOOK_SECRET: 'a secret' }), {
    message: /^WEBHOOK_SECRET: /,
  })
  t.throws(() => readSettings({ WEBHOOK_URL: 'hooks', WEBHOOK_SECRET }), { message: /^WEBHOOK_URL: / })
})

t.test('a value that cannot be used stops the start, with the name of the setting', async (t) => {
  for (const [name, ...values] of [
    ['PORT', '-1', '65536', '80.5', '0x50', '1e3', 'http', '٣'],
    ['HASH_CONCURRENCY', '-1', '129', '1.5', '1234567890123456'],
    ['SESSION_LIMIT', '0', '1001', 'one'],
    ['SESSION_LIMIT_BY_ROLE', 'admin', 'admin:0', 'Admin:1', 'admin:1;kiosk:2', ':1', 'admin:1,,'],
    ['ON_LIMIT', 'Replace', 'kick', 'true'],
    ['IDLE_TIMEOUT', '30', '30 m', '-5m', '0m', '1.5h', '1y', '30M', '٣m', '13h'],
    ['ABSOLUTE_TIMEOUT', '12', 'forever', '3651d', '999999999d'],
    ['TIMELINE_RETENTION', '3651d'],
    ['DATABASE_URL', './data.db', 'file:', 'mysql://x', 'http://x'],
    ['REDIS_URL', 'localhost:6379', 'redis://', 'redis://a:b:c', 'redis://h:0', 'memcached://h'],
    [
      'SESSION_SECRET',
      'short',
      `${SECRET},short`,
      'a'.repeat(40),
      'changeme'.repeat(5),
      'abc'.repeat(20),
    ],
    ['COOKIE_SECURE', 'false', 'yes'],
    ['TRUST_PROXY', 'true', '1', 'loopback', '10.0.0.0/33', '0.0.0.0/0', '::/0', 'proxy.example'],
    ['ALLOWED_ORIGINS', '*', 'app.example', 'https://app.example/', 'HTTPS://app.example', 'null'],
    ['SIGNUP', 'true'],
    ['LOG_LEVEL', 'verbose'],
    ['MAIL_URL', 'mail.example', 'http://mail.example', 'smtp://', 'smtp://a b', 'smtp://h:0x'],
    ['MAIL_FROM', 'ann', 'Ann <ann>', 'ann@example.org\nBcc: eve@example.org', '<a@b> <c@d>'],
    ['RESET_URL', 'https://app.example', 'javascript:alert("{token}")', 'https://a b/{token}'],
    ['CONFIRM_URL', '{token}'],
    ['INVITE_URL', 'https://app.example/{TOKEN}'],
    ['CHANGE_PASSWORD_URL', '/account', 'ftp://app.example'],
    ['THROTTLE', '0'],
    ['ARGON2_MEMORY_KIB', '7', '4194305'],
    ['ARGON2_PASSES', '0', '101'],
  ] as const)
    for (const value of values)
      t.throws(
        () => readSettings({ [name]: value }),
        { constructor: SettingsError, message: new RegExp(`^${name}: `) },
        `${name}=${value}`,
      )
})

t.test('settings that contradict each other stop the start', async (t) => {
  t.throws(() => readSettings({ IDLE_TIMEOUT: '2h', ABSOLUTE_TIMEOUT: '1h' }), /IDLE_TIMEOUT/)
  t.doesNotThrow(() => readSettings({ IDLE_TIMEOUT: '1h', ABSOLUTE_TIMEOUT: '60m' }))
  t.match(readSettings({ ABSOLUTE_TIMEOUT: '5s' }), { IDLE_TIMEOUT: 5_000 }, 'nobody asked for more')
  t.throws(() => readSettings({ DATABASE_URL: 'postgres://h/d' }), /SESSION_SECRET: needed/)
  t.doesNotThrow(() => readSettings({ DATABASE_URL: 'postgres://h/d', SESSION_SECRET: SECRET }))
  const mail = { MAIL_URL: 'smtp://user:p%40ss@mail.example:587' }
  t.throws(() => readSettings(mail), /MAIL_URL: MAIL_FROM is needed/)
  t.doesNotThrow(() => readSettings({ ...mail, MAIL_FROM: 'Seats <seats@example.org>' }))
  const origin = { ALLOWED_ORIGINS: 'http://app.example' }
  t.throws(() => readSettings({ ...origin, COOKIE_SECURE: 'true' }), /ALLOWED_ORIGINS: .*HTTPS/)
  t.doesNotThrow(() => readSettings(origin))
})

t.test('what a message shows helps, and is never a secret', async (t) => {
  const message = (env: Record<string, string>) => {
    try {
      readSettings(env)
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }
  t.match(message({ PORT: 'http' }), /"http".*from 0 to 65535/)
  t.match(message({ IDLE_TIMEOUT: '30' }), /"30".*such as 500ms/)
  t.match(message({ ON_LIMIT: 'kick' }), /one of replace, refuse, ask/)
  const secret = 'hunter2'
  for (const env of [
    { SESSION_SECRET: secret },
    { REDIS_URL: `http://:${secret}@h` },
    { REDIS_URL: `redis://:${secret}@h:0` },
    { DATABASE_URL: `mysql://u:${secret}@h/d` },
  ])
    t.notMatch(message(env), secret)
})

t.test('any value of any setting is used or refused by name, and never anything else', async (t) => {
  const names = Object.keys(Settings.properties)
  const like = fc.stringMatching(/^[a-z0-9:/,.+@-]{0,20}$/)
  const duration = fc.stringMatching(/^\d{1,9}(ms|s|m|h|d)$/)
  const value = fc.oneof(anyText(), like, duration, fc.integer().map(String))
  fc.assert(
    fc.property(fc.constantFrom(...names), value, (name, text) => {
      try {
        const settings = readSettings({ [name]: text })
        // Every time that follows from them can be written down.
        new Date(Date.now() + settings.ABSOLUTE_TIMEOUT + settings.IDLE_TIMEOUT).toISOString()
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error
        const about =
          name === 'ABSOLUTE_TIMEOUT' ? /^(ABSOLUTE|IDLE)_TIMEOUT: / : new RegExp(`^${name}: `)
        if (name === 'DATABASE_URL' && error.message.startsWith('SESSION_SECRET: needed')) return
        if (!about.test(error.message)) throw error
      }
    }),
    { numRuns: 3_000 },
  )
  t.pass()
})
