import { readFileSync } from 'node:fs'
import t from 'tap'
import { CATALOGUE, Refusal, refusalOf } from '../src/errors.ts'
import { SessionsRefusal, storeUnavailable } from '../src/sessions/refusal.ts'
import { withTable } from '../tools/tables.ts'

const document = readFileSync('docs/errors.md', 'utf8')

t.test('docs/errors.md has every code of the catalogue, and no other', async (t) => {
  const documented = [...document.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, code, status]) => [
    code,
    status,
  ])
  const known = Object.entries(CATALOGUE).map(([code, [status]]) => [code, String(status)])
  t.same(documented, known)
})

t.test('its table is made from the catalogue; else run `npm run docs`', async (t) => {
  t.equal(document, withTable(document, 'errors'))
})

t.test('docs/frontend.md says once what a page does on each 401, 403, 409, 429 and 503', async (t) => {
  const rows = [...readFileSync('docs/frontend.md', 'utf8').matchAll(/^\| (\d{3}) \| ((?:`\w+` )+)\|/gm)]
  const told = rows.flatMap(([, status, codes = '']) =>
    [...codes.matchAll(/\w+/g)].map(([code]) => `${status} ${code}`),
  )
  const known = Object.entries(CATALOGUE).map(([code, [status]]) => `${status} ${code}`)
  for (const each of told) t.ok(known.includes(each), each)
  t.equal(new Set(told).size, told.length)
  const asked = known.filter((each) => /^(401|403|409|429|503) /.test(each))
  t.strictSame(
    asked.filter((each) => !told.includes(each)),
    [],
  )
})

t.test('its example is one that the catalogue could have made', async (t) => {
  const example = JSON.parse(/```json\n(.*?)```/s.exec(document)?.[1] ?? '') as {
    code: keyof typeof CATALOGUE
  }
  const [status, title, detail] = CATALOGUE[example.code]
  t.match(example, { status, title, detail, type: `urn:oneseat:error:${example.code}` })
})

t.test('each detail says in whole sentences what is wrong', async (t) => {
  for (const [code, [status, title, detail]] of Object.entries(CATALOGUE)) {
    t.ok(status >= 400 && status < 600, code)
    t.match(title, /^[A-Z][^.]+$/, code)
    t.match(detail, /^[A-Z].*\.$/, code)
  }
})

t.test('a refusal has no stack to pay for, its cause has, and so has every bug after it', async (t) => {
  const limit = Error.stackTraceLimit
  t.notMatch(new Refusal('unauthenticated').stack, /:\d+:\d+/)
  t.match(refusalOf(storeUnavailable(new Error('a bug'))).cause, { stack: /errors\.test\.ts/ })
  t.match(new Error('another bug').stack, /errors\.test\.ts/)
  t.equal(Error.stackTraceLimit, limit)
})

t.test('what the core refuses is answered under the same code', async (t) => {
  const codes = [
    ...(['login_superseded', 'invalid_credentials', 'user_disabled', 'store_unavailable'] as const),
  ]
  for (const code of codes) {
    const cause = new Error('why')
    const refusal = refusalOf(new SessionsRefusal(code, { cause }))
    t.match(refusal, { code, status: CATALOGUE[code][0], cause })
    const retry = code === 'store_unavailable' ? { 'retry-after': '1' } : {}
    t.strictSame(refusal.headers, retry)
  }
  const war = refusalOf(new SessionsRefusal('kick_war', { wait: 58_001 }))
  t.match(war, { status: 429, headers: { 'retry-after': '59' } })
})
