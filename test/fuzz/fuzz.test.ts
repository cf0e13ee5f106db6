import { execFile } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import { withoutTap } from '../support/children.ts'
import { exchange } from '../support/raw.ts'
import { startService } from '../support/service.ts'
import { TARGETS } from './targets.ts'
import { fall } from './traps.ts'

const service = await startService(t, 'sqlite', { env: { THROTTLE: 'off' } })

/** What the fuzzer says, and its exit code. In a process of its own, because it instruments the code it loads. */
async function fuzz(...args: string[]): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env['PATH'] }
  return new Promise((done) => {
    execFile(...withoutTap(process.execPath, ['test/fuzz/main.ts', ...args]), { env }, (error, said) =>
      done({ code: error === null ? 0 : Number(error.code), said }),
    )
  })
}

t.test('V-11, V-20: some seconds of fuzzing find nothing wrong, and nothing slow', async (t) => {
  const { code, said } = await fuzz('2')
  t.equal(code, 0, said)
  const lines = said.trim().split('\n')
  t.equal(lines.length, TARGETS.length + 1)
  for (const line of lines) t.match(line, /^[\w ]+: [1-9]\d* inputs, [1-9]\d* kept, [1-9]\d* branches$/)
})

t.test(
  'the fuzzer finds its way through branches to what is wrong, and finds what is slow',
  async (t) => {
    const { code, said } = await fuzz('100', './traps.ts')
    t.equal(code, 1)
    t.match(said, /^trap: "FUZZ.*\nError: found\n/)
    t.match(said, /\nsnail: ".*\{\{.*\nError: took \d{3,} ms\n/)
  },
)

t.test(
  'properties miss what the fuzzer finds, in as many inputs: this is why there is one',
  async (t) => {
    const bytes = fc.uint8Array({ maxLength: 8 }).map((array) => Buffer.from(array))
    const { failed } = fc.check(fc.property(bytes, fall), { numRuns: 100_000 })
    t.notOk(failed)
  },
)

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
