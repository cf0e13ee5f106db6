import t from 'tap'
import { Settings } from '../../schemas/settings.ts'
import { misspeltSettings } from '../../src/settings/misspelt-settings.ts'

t.test(
  'a name that is nearly that of a setting is pointed out, with the one that was meant',
  async (t) => {
    for (const [name, meant] of [
      ['REDIS_URI', 'REDIS_URL'],
      ['redis_url', 'REDIS_URL'],
      ['DATABASE_URI', 'DATABASE_URL'],
      ['SESION_LIMIT', 'SESSION_LIMIT'],
      ['SESSION_SECRETS', 'SESSION_SECRET'],
      ['SECURE_COOKIE', null],
      ['COOKIE_SECRET', null],
      ['COOKIES_SECURE', 'COOKIE_SECURE'],
      ['LOGLEVEL', 'LOG_LEVEL'],
      ['SIGN_UP', 'SIGNUP'],
      ['TRUSTED_PROXY', 'TRUST_PROXY'],
    ] as const) {
      const told = meant === null ? [] : [`${name} is no setting. Did you mean ${meant}?`]
      t.strictSame(misspeltSettings({ [name]: 'x' }), told, name)
    }
  },
)

t.test('nothing is said of what is right, or is there in its right name as well', async (t) => {
  t.strictSame(
    misspeltSettings(Object.fromEntries(Object.keys(Settings.properties).map((n) => [n, 'x']))),
    [],
  )
  t.strictSame(misspeltSettings({ REDIS_URI: 'x', REDIS_URL: 'redis://127.0.0.1' }), [])
  t.strictSame(misspeltSettings({ REDIS_URI: ' ' }), [], 'what is empty says nothing')
  t.equal(misspeltSettings({ REDIS_URI: 'x', REDIS_URL: '' }).length, 1, 'and stands for nothing')
})

t.test('nothing is said of what shells, npm, systems and platforms set', async (t) => {
  const usual = `PATH HOME USER LOGNAME SHELL LANG LC_ALL PWD OLDPWD TERM EDITOR HOSTNAME HOSTS POST SORT POSTS TMPDIR
    TZ NODE_ENV NODE_OPTIONS npm_config_loglevel npm_lifecycle_event INIT_CWD DEBUG CI JOURNAL_STREAM INVOCATION_ID
    PGHOST PGPORT PGUSER POSTGRES_URL MYSQL_URL MONGO_URL REDIS_HOST REDIS_TLS_URL KUBERNETES_PORT WEB_CONCURRENCY
    SESSION_MANAGER XDG_SESSION_ID DBUS_SESSION_BUS_ADDRESS SSH_TTY`
  t.strictSame(misspeltSettings(Object.fromEntries(usual.split(/\s+/).map((name) => [name, 'x']))), [])
})
