import fc from 'fast-check'
import t from 'tap'
import { exchange } from '../support/raw.ts'
import { startService } from '../support/service.ts'
import { explore } from './explore.ts'
import { TARGETS } from './targets.ts'

const service = await startService(t, 'sqlite', { env: { THROTTLE: 'off' } })

for (const target of TARGETS) {
  t.test(
    `V-11, V-20: a second of fuzzing finds nothing wrong in how ${target.name} are read`,
    async (t) => {
      const { runs, branches } = await explore(target, performance.now() + 1_000, Math.random)
      t.ok(runs > 0)
      t.ok(branches > 0, 'the coverage was seen')
    },
  )
}

t.test('the fuzzer finds what is there to be found', async (t) => {
  const run = (bytes: Buffer) => {
    if (bytes.includes('__proto__')) throw new Error('found')
  }
  const end = performance.now() + 10_000
  await t.rejects(explore({ name: 'trap', seeds: ['{}'], run }, end, Math.random), {
    message: /^trap: ".*__proto__/,
  })
})

const ALLOWED = [
  200, 201, 204, 400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 417, 422, 426, 431, 501,
]

/** The statuses that some bytes are answered with; the connection is half-closed behind them. */
async function statusesOf(bytes: Buffer): Promise<number[]> {
  const { answers } = await exchange(service.url, bytes, { answers: 1, halfClose: true })
  for (const { status, body } of answers)
    if (status >= 400 && body?.code === undefined) throw new Error(`${status} without a problem`)
  return answers.map(({ status }) => status)
}

t.test('any header of any name and value over a socket is answered, and never by a 500', async () => {
  const bytes = fc.uint8Array({ maxLength: 60 })
  const name = fc.constantFrom(
    'Cookie',
    'Content-Type',
    'Content-Length',
    'Origin',
    'Sec-Fetch-Site',
    'X-Forwarded-For',
    'Accept',
    'Expect',
    'Connection',
    'Transfer-Encoding',
    'Content-Encoding',
    'Range',
    'If-None-Match',
    'X',
  )
  await fc.assert(
    fc.asyncProperty(
      name,
      bytes,
      fc.constantFrom('GET /me', 'POST /login', 'POST /logout'),
      async (name, value, line) => {
        const head = `${line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${name}: `
        const statuses = await statusesOf(
          Buffer.concat([Buffer.from(head), value, Buffer.from('\r\n\r\n')]),
        )
        return statuses.every((status) => ALLOWED.includes(status))
      },
    ),
    { numRuns: 150 },
  )
})

t.test('any bytes as the body of a login are answered, and never by a 500', async () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map((text) => Buffer.from(text)),
  )
  await fc.assert(
    fc.asyncProperty(body, async (body) => {
      const head = `POST /login HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      const statuses = await statusesOf(Buffer.concat([Buffer.from(head), body]))
      return statuses.length === 1 && statuses[0] === 400
    }),
    { numRuns: 150 },
  )
})
