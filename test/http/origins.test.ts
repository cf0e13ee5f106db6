import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { parse } from 'yaml'
import { PASSWORD } from '../support/browser.ts'
import { makeUser } from '../support/people.ts'
import { exchange, request } from '../support/raw.ts'
import { startService } from '../support/service.ts'

const APP = 'https://app.example'
const service = await startService(t, 'sqlite', {
  env: { ALLOWED_ORIGINS: `${APP}, https://b.example:8443` },
})
await service.register('ann')
const { url } = service

async function answerTo(line: string, headers: string[] = [], body = '') {
  const [answer] = (await exchange(url, request(line, headers, body))).answers
  if (answer === undefined) throw new Error(`no answer to ${line}`)
  return answer
}

const SITES = {
  absent: [],
  'same-origin': ['Sec-Fetch-Site: same-origin'],
  'same-site': ['Sec-Fetch-Site: same-site'],
  'cross-site': ['Sec-Fetch-Site: cross-site'],
  none: ['Sec-Fetch-Site: none'],
  bogus: ['Sec-Fetch-Site: bogus'],
  twice: ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: same-origin'],
}
const ORIGINS = {
  absent: [],
  allowed: [`Origin: ${APP}`],
  subdomain: ['Origin: https://evil.app.example'],
  'other port': [`Origin: ${APP}:8443`],
  'other scheme': ['Origin: http://app.example'],
  null: ['Origin: null'],
  evil: ['Origin: https://evil.example'],
  suffix: [`Origin: ${APP}.evil.example`],
}
const TYPES = {
  json: 'application/json',
  text: 'text/plain',
  form: 'application/x-www-form-urlencoded',
  none: null,
}
const CALLS = ['POST /login', 'POST /logout', 'GET /me'] as const

/** The policy as a table: which origins pass for each `Sec-Fetch-Site`. */
const PASSING: Record<keyof typeof SITES, (keyof typeof ORIGINS)[]> = {
  absent: ['absent', 'allowed'],
  'same-origin': Object.keys(ORIGINS) as (keyof typeof ORIGINS)[],
  'same-site': ['allowed'],
  'cross-site': ['allowed'],
  none: ['allowed'],
  bogus: ['allowed'],
  twice: ['allowed'],
}

/** What a request that passes comes to. */
const OUTCOMES: Record<(typeof CALLS)[number], Record<keyof typeof TYPES, number>> = {
  'POST /login': { json: 200, text: 415, form: 415, none: 415 },
  'POST /logout': { json: 204, text: 415, form: 415, none: 204 },
  'GET /me': { json: 401, text: 401, form: 401, none: 401 },
}

const keys = <K extends string>(table: Record<K, unknown>) => Object.keys(table) as K[]
let cases = 0

for (const site of keys(SITES)) {
  t.test(`A 3.5.1, C11: 96 ways to ask with Sec-Fetch-Site ${site}`, async (t) => {
    for (const origin of keys(ORIGINS))
      for (const call of CALLS)
        for (const type of keys(TYPES)) {
          cases++
          const body =
            call === 'POST /login' ? JSON.stringify({ username: 'ann', password: PASSWORD }) : ''
          const headers = [...SITES[site], ...ORIGINS[origin]]
          if (TYPES[type] !== null) headers.push(`Content-Type: ${TYPES[type]}`)
          const answer = await answerTo(call, headers, body)
          const passes = call === 'GET /me' || PASSING[site].includes(origin)
          const what = `${call} from ${origin} as ${type}`
          const isLost = call === 'POST /login' && site === 'cross-site' && type === 'json' && passes
          t.equal(answer.status, passes && !isLost ? OUTCOMES[call][type] : 403, what)
          if (!passes || isLost)
            t.equal(answer.body.code, isLost ? 'cross_site_cookie' : 'cross_origin', what)
          if (!passes) t.equal(answer.headers['set-cookie'], undefined, what)
          const shared = origin === 'allowed' ? APP : undefined
          t.equal(answer.headers['access-control-allow-origin'], shared, what)
        }
  })
}

t.test('the table had 672 rows', async (t) => {
  t.equal(cases, 672)
})

t.test('a page that was loaded from the very address that is asked is no stranger', async (t) => {
  const { port } = new URL(url)
  const login = (origin: string) => answerTo('POST /logout', [`Origin: ${origin}`])
  for (const host of ['127.0.0.1', 'localhost'])
    t.equal((await login(`http://${host}:${port}`)).status, 204)
  for (const origin of [
    `https://127.0.0.1:${port}`,
    'http://127.0.0.1',
    `http://127.0.0.2:${port}`,
    'http://oneseat.test',
    `http://oneseat.test:${port}`,
    `http://rebound.example:${port}`,
  ])
    t.equal((await login(origin)).status, 403, origin)
})

t.test('V-8: a forwarded host makes nobody a friend', async (t) => {
  for (const header of ['X-Forwarded-Host: evil.example', 'Forwarded: host=evil.example;proto=https'])
    t.equal((await answerTo('POST /logout', ['Origin: https://evil.example', header])).status, 403)
})

t.test('C11: two origins in one header are none', async (t) => {
  t.equal((await answerTo('POST /logout', [`Origin: ${APP}, https://evil.example`])).status, 403)
  t.equal(
    (await answerTo('POST /logout', [`Origin: ${APP}`, 'Origin: https://evil.example'])).status,
    400,
  )
})

t.test('A 3.5.8: what another site embeds is refused, a link to us is not', async (t) => {
  const from = (site: string, mode: string) =>
    answerTo('GET /me', [`Sec-Fetch-Site: ${site}`, `Sec-Fetch-Mode: ${mode}`])
  for (const site of ['cross-site', 'same-site'])
    t.match(await from(site, 'no-cors'), { status: 403, body: { code: 'cross_origin' } })
  t.equal((await from('same-origin', 'no-cors')).status, 401)
  t.equal((await from('cross-site', 'navigate')).status, 401)
  t.equal((await from('cross-site', 'cors')).status, 401, 'CORS keeps the answer from the page')
})

t.test('A 3.4.2: CORS names allowed origins only, and never any other', async (t) => {
  const preflight = (origin: string) =>
    answerTo('OPTIONS /login', [
      `Origin: ${origin}`,
      'Access-Control-Request-Method: POST',
      'Access-Control-Request-Headers: content-type',
    ])
  for (const origin of [APP, 'https://b.example:8443'])
    t.match(await preflight(origin), {
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': 'Content-Type',
        'access-control-allow-methods': /POST/,
      },
    })
  for (const origin of [
    'https://evil.example',
    'null',
    `${APP}.evil.example`,
    'https://appXexample',
    '*',
  ]) {
    const { headers } = await preflight(origin)
    t.strictSame(
      Object.keys(headers).filter((name) => name.startsWith('access-control')),
      [],
      origin,
    )
  }
  t.match((await answerTo('GET /health/live')).headers, { vary: 'Sec-Fetch-Site, Origin' })
})

t.test('A 3.5.3: nothing that is safe changes anything, on any path', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-safe-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const path = join(dir, 'oneseat.db')
  const own = await startService(t, 'sqlite', { env: { DATABASE_URL: `file:${path}` } })
  await makeUser(own, 'root', ['admin'])
  const root = own.browser()
  await root.login('root')
  await own.parts.timeline.flush()
  const before = dumpOf(path)
  const targets = Object.keys(parse(readFileSync('openapi.yaml', 'utf8')).paths).filter(
    (target) => target !== '/me/events', // never ends
  )
  for (const target of targets)
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      const query = target === '/admin/users' ? '' : `?username=root&password=${PASSWORD}`
      const { setCookies } = await root.request(method, `${target.replace('{id}', 'x')}${query}`)
      t.strictSame(setCookies, [], `${method} ${target}`)
    }
  await own.parts.timeline.flush()
  t.strictSame(dumpOf(path), before)
  t.match(before, { oneseat_accounts: [{ username: 'root' }] })
  t.ok(targets.length > 15)
})

/** Every row of every table. */
function dumpOf(path: string): Record<string, unknown[]> {
  const file = new Database(path, { readonly: true })
  const tables = file
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .pluck()
    .all() as string[]
  const rows = tables.map((table) => [table, file.prepare(`SELECT * FROM "${table}"`).all()])
  file.close()
  return Object.fromEntries(rows)
}
