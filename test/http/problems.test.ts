import { Readable } from 'node:stream'
import t from 'tap'
import { CATALOGUE, type ErrorCode, Refusal } from '../../src/errors.ts'
import { declareAccess } from '../../src/http/access.ts'
import type { App } from '../../src/http/types.ts'
import { Browser } from '../support/browser.ts'
import { startInstance } from '../support/process.ts'
import { answerTo } from '../support/raw.ts'
import { freePort } from '../support/redis.ts'
import { startService } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const service = await startService(t, 'sqlite', {
  extend: async (app) => {
    await app.register(async (open: App) => {
      declareAccess(open, 'public')
      open.get('/refuse/:code', async (request) => {
        const { code } = request.params as { code: ErrorCode }
        throw new Refusal(code, { members: { more: 1 }, headers: { 'x-more': '2' } })
      })
      open.get('/bug', async () => {
        throw new Error('SELECT * FROM secrets at /home/oneseat')
      })
      open.get('/no-error', async () => {
        throw 'a string'
      })
    })
  },
})
const browser = service.browser()
const JSON_TYPE = 'Content-Type: application/json'

t.test('every refusal is a problem with its code, its members and its headers', async (t) => {
  for (const [code, [status, title, detail]] of Object.entries(CATALOGUE)) {
    const answer = await browser.get(`/refuse/${code}`)
    const { requestId, ...problem } = answer.body
    t.strictSame(problem, { type: `urn:oneseat:error:${code}`, title, status, code, detail, more: 1 })
    t.equal(answer.status, status)
    t.equal(answer.headers.get('content-type'), 'application/problem+json')
    t.equal(answer.headers.get('cache-control'), 'no-store')
    t.equal(answer.headers.get('x-more'), '2')
    t.equal(typeof requestId, code === 'internal' ? 'string' : 'undefined')
  }
})

t.test('of a bug only the id of the request is told, whatever was thrown', async (t) => {
  for (const path of ['/bug', '/no-error']) {
    const { status, body } = await browser.get(path)
    t.equal(status, 500)
    t.strictSame(Object.keys(body), ['type', 'title', 'status', 'code', 'detail', 'requestId'])
    t.notMatch(JSON.stringify(body), /SELECT|home|a string/)
  }
})

t.test('A 16.5.4: a bug anywhere is one 500, and the service goes on', async (t) => {
  const fail = async () => {
    throw new Error('SELECT * FROM secrets')
  }
  const failing = await startService(t, 'sqlite', {
    extend: async (app) => {
      const hooks = [
        'onRequest',
        'preParsing',
        'preValidation',
        'preHandler',
        'preSerialization',
        'onSend',
      ]
      for (const hook of hooks)
        app.get(`/${hook}`, { config: { access: 'public' }, [hook]: fail }, async () => ({ done: true }))
      app.get('/serializer', { config: { access: 'public' } }, async (_request, reply) =>
        reply
          .serializer(() => {
            throw new Error('SELECT * FROM secrets')
          })
          .send({ done: true }),
      )
      app.get(
        '/stream',
        { config: { access: 'public' } },
        async () =>
          new Readable({
            read: () => {
              throw new Error('SELECT * FROM secrets')
            },
          }),
      )
      app.get('/nothing', { config: { access: 'public' } }, async () => Promise.reject(null))
      app.get('/half', { config: { access: 'public' } }, async (_request, reply) => {
        reply.raw.writeHead(200).write('half of it')
        throw new Error('SELECT * FROM secrets')
      })
      app.get('/late', { config: { access: 'public' } }, async () => {
        const stream = new Readable({ read: () => {} })
        stream.push('half of it')
        setImmediate(() => stream.destroy(new Error('SELECT * FROM secrets')))
        return stream
      })
    },
  })
  await failing.register('ann')
  const ann = failing.browser()
  await ann.login('ann')
  const paths = ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend']
  for (const path of [...paths, 'serializer', 'stream', 'nothing']) {
    const { status, body } = await failing.browser().get(`/${path}`)
    t.match({ status, body }, { status: 500, body: { code: 'internal' } }, path)
    t.notMatch(JSON.stringify(body), 'SELECT')
  }
  for (const path of ['/half', '/late'])
    await t.rejects(failing.browser().get(path), 'an answer that was begun is broken off')
  t.equal((await ann.get('/me')).status, 200)
})

t.test('the log has the bug itself, under that id', async (t) => {
  const stores = await sharedStores(t, 'sqlite')
  const instance = await startInstance(stores, { program: 'test/support/slow-server.ts' })
  t.teardown(() => instance.stop())
  const client = new Browser(instance.url)
  const failing = client.post('/slow-failure')
  await until(async () => (await client.get('/waiting')).body.waiting === 1)
  await client.post('/open')
  const { body } = await failing
  await until(() => instance.logs.some(({ level }) => level === 50))
  t.match(
    instance.logs.find(({ level }) => level === 50),
    { reqId: body.requestId, err: { message: 'a handler that fails', stack: /slow\.ts/ } },
  )
})

t.test('the log says where a store failed, and the answer does not', async (t) => {
  const env = {
    ...(await sharedStores(t, 'sqlite')),
    REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
  }
  const instance = await startInstance(env)
  t.teardown(() => instance.stop())
  const { status, body } = await new Browser(instance.url).get('/health/ready')
  t.equal(status, 503)
  t.strictSame(Object.keys(body), ['type', 'title', 'status', 'code', 'detail'])
  const told = () => instance.logs.find(({ code }) => code === 'store_unavailable')
  await until(() => told() !== undefined)
  t.match(told(), { cause: /^Error: .*\n +at / })
})

t.test('a path that is not there is not repeated', async (t) => {
  for (const path of ['/nowhere', '/me/', '/ME', '/me;x', '//me', '/me%00']) {
    const { status, body } = await browser.get(path)
    t.strictSame([status, body.code], [404, 'not_found'], path)
    t.notMatch(JSON.stringify(body), path)
  }
  t.match(await browser.get('/%zz'), { status: 400, body: { code: 'invalid_request' } })
  t.match(await browser.get('/%6de'), { status: 401 }, 'an escaped letter is that letter')
})

t.test('an invalid request names each field by its path', async (t) => {
  const cases: [body: unknown, paths: string[]][] = [
    [{}, ['/username', '/password']],
    [{ username: 'ann' }, ['/password']],
    [{ username: '', password: 'x' }, ['/username']],
    [{ username: ['ann'], password: 5 }, ['/username', '/password']],
    [{ username: 'ann', password: 'x', role: 'admin' }, ['/role']],
    [{ username: 'ann', password: 'x', device: 'y'.repeat(65) }, ['/device']],
    [{ username: 'ann', password: 'x', device: 'a\u202eb' }, ['/device']],
    [[], ['/']],
  ]
  for (const [body, paths] of cases) {
    const answer = await browser.post('/login', body)
    t.match(answer, { status: 400, body: { code: 'invalid_request' } })
    t.strictSame(
      answer.body.errors.map(({ path }: { path: string }) => path),
      paths,
    )
  }
})

t.test('however much is wrong with a body, the answer is short, also to a stranger', async (t) => {
  const names = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [i.toString(36), 1]))
  const bodies: Record<string, unknown> = {
    'too many members': names,
    'long names': Object.fromEntries([['x'.repeat(7_000), 1]]),
    'names beyond ASCII': Object.fromEntries(
      ['\u{1F600}', '\u202e'].map((sign) => [sign.repeat(900), 1]),
    ),
    'members of another type': { username: 1, password: 2, device: 3, replace: 4, ...names },
    'a long list': { roles: Array.from({ length: 3_500 }, () => 1), disabled: 'x' },
    'a long list of names': { roles: Array.from({ length: 1_000 }, () => 'A B') },
  }
  for (const [what, body] of Object.entries(bodies))
    for (const [method, path] of [
      ['POST', '/login'],
      ['POST', '/register'],
      ['PUT', '/me/password'],
      ['POST', '/admin/users'],
      ['PATCH', '/admin/users/x'],
    ] as const) {
      const { text, status } = await answerTo(
        service.url,
        `${method} ${path}`,
        [JSON_TYPE],
        JSON.stringify(body),
      )
      t.ok(status === 400 || status === 401, `${status} ${what} ${path}`)
      t.ok(text.length < 2_000, `${what} to ${path}: ${text.length} bytes`)
      t.ok((JSON.parse(text).errors ?? []).length <= 5)
    }
  const query = Array.from({ length: 300 }, (_, i) => `x${i}=1`).join('&')
  for (const path of ['/admin/users', '/admin/sessions', '/me/timeline', '/verify']) {
    const { text } = await answerTo(service.url, `GET ${path}?${query}`)
    t.ok(text.length < 2_000, `${path}: ${text.length} bytes`)
  }
})
