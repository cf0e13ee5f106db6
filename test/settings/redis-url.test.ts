import fc from 'fast-check'
import t from 'tap'
import { readRedisUrl } from '../../src/settings/redis-url.ts'

t.test('a single server: port, name, password and database are optional', async (t) => {
  t.match(readRedisUrl('redis://localhost'), {
    kind: 'single',
    hosts: [{ host: 'localhost', port: 6379 }],
    tls: false,
    username: null,
    password: null,
    db: 0,
  })
  t.match(readRedisUrl('rediss://app:s%40cret@cache.example:7000/3'), {
    hosts: [{ host: 'cache.example', port: 7000 }],
    tls: true,
    username: 'app',
    password: 's@cret',
    db: 3,
  })
  t.match(readRedisUrl('redis://:only-a-password@[::1]:7000'), {
    hosts: [{ host: '::1', port: 7000 }],
    username: null,
    password: 'only-a-password',
  })
})

t.test('Sentinels: hosts, the name of the master, and a database', async (t) => {
  t.match(readRedisUrl('redis+sentinel://app:pw@one:26380,two/seats/2'), {
    kind: 'sentinel',
    hosts: [
      { host: 'one', port: 26380 },
      { host: 'two', port: 26379 },
    ],
    username: 'app',
    password: 'pw',
    master: 'seats',
    db: 2,
  })
})

t.test('a Cluster: some of its nodes', async (t) => {
  t.match(readRedisUrl('rediss+cluster://one:7001,two:7002'), {
    kind: 'cluster',
    tls: true,
    hosts: [
      { host: 'one', port: 7001 },
      { host: 'two', port: 7002 },
    ],
  })
})

t.test('what is none of these is refused', async (t) => {
  for (const url of [
    '',
    'http://localhost',
    'redis://',
    'redis://one,two',
    'redis://one/x',
    'redis://one/1/2',
    'redis://one:0',
    'redis://one:70000',
    'redis://%zz@one',
    'redis+sentinel://one',
    'redis+sentinel://one/',
    'redis+cluster://one/1',
    'redis+cluster://one,,two',
    'redis://one?db=1',
  ]) {
    t.equal(readRedisUrl(url), null, url)
  }
})

t.test('names and passwords come out as they were encoded, whatever is in them', async () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' }).filter((given) => given.isWellFormed())
  fc.assert(
    fc.property(text, text, (username, password) => {
      const userinfo = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`
      const place = readRedisUrl(`redis://${userinfo}@host`)
      return place?.username === username && place.password === password
    }),
  )
})
