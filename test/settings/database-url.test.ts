import t from 'tap'
import { databaseUrlProblem } from '../../src/settings/database-url.ts'
import { readSettings, SettingsError } from '../../src/settings/settings.ts'

const SESSION_SECRET = 'a secret of the tests that is long enough'

t.test(
  'a sign that ends the password of a URL is told of, and no part of the password is',
  async (t) => {
    for (const url of [
      'postgres://u:hunter#2@h/d',
      'postgres://u:12#hunter@h/d',
      'postgres://u:12#@h/d',
      'postgres://u:hunter2@h/d#',
      'postgres://u:hunter?2@h/d',
      'postgres://u:12?hunter@h/d',
      'postgres://u:hunter/2@h/d',
      'postgres://u:12/hunter@h/d',
      'postgres://u:hunter@x#2@h/d',
      'postgres://u:hunter@x?2@h/d',
      'postgres://u:hunter@x/2@h/d',
      'postgres://u:hunter%2@h/d',
      'postgres://u:%hunter@h/d',
      'postgres://hunter%:x@h/d',
      'postgres://u:x@h/hunter%',
      'postgres://u:hunter2@h:99999/d',
      'postgres://u:hunter2@h:port/d',
      'postgresql://u:hunter2@h1:1,h2:2/d',
      'postgres://',
    ])
      t.throws(
        () => readSettings({ DATABASE_URL: url, SESSION_SECRET }),
        {
          constructor: SettingsError,
          message: /^DATABASE_URL: (?!.*(hunter|12#|12\?|12\/)).*(%23|PostgreSQL|SQLite).*$/,
        },
        url,
      )
  },
)

t.test('a URL that is written as URLs are is taken', async (t) => {
  for (const url of [
    'postgres://h/d',
    'postgresql://u@h:5432/d',
    'postgres://u:p%23%3F%2F%40%25@h/d',
    'postgres://u:p@ss@h/d',
    'postgres://u:p:w!$&*()+,;=~[]@h/d',
    'postgres://u:p w@h/d',
    'postgres://[::1]:5432/d',
    'postgres:///d?host=/var/run/postgresql',
    'postgres://u:p@/d?host=/var/run/postgresql',
    'postgres://u:p@%2Fvar%2Frun/d',
    'postgres://h/d?sslmode=verify-full&sslrootcert=/etc/ca.pem',
  ])
    t.equal(databaseUrlProblem(url), null, url)
})

t.test(
  'a path of a file is taken as it is, and nothing is a part of it that only URLs have',
  async (t) => {
    for (const path of [
      './x.db?mode=ro',
      './x.db?',
      '/x.db?cache=shared&mode=memory',
      ':memory:?cache=shared',
      './x#y.db',
      './my%20data.db',
      '//localhost/x.db',
      '//./x.db',
      './data/',
      '.',
      '..',
      './..',
      '/',
    ])
      t.throws(
        () => readSettings({ DATABASE_URL: `file:${path}` }),
        { constructor: SettingsError, message: /^DATABASE_URL: [^\n]+$/ },
        path,
      )
    for (const path of [
      'x.db',
      './x.db',
      '/a/x.db',
      '///a/x.db',
      ':memory:',
      './a b.db',
      './100%.db',
      'é.db',
      './x..',
    ])
      t.equal(readSettings({ DATABASE_URL: `file:${path}` }).DATABASE_URL, `file:${path}`)
  },
)
