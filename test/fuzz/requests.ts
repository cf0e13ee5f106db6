import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Duplex, duplexPair } from 'node:stream'
import { mountApp } from '../../src/app.ts'
import { assembleParts } from '../../src/assemble.ts'
import { openEngines } from '../../src/database/engines.ts'
import { createFastify } from '../../src/http/server.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { CHEAP_HASHES } from '../support/service.ts'
import type { Target } from './targets.ts'

/** The whole service as a target, and how it is closed: whatever comes over a connection is answered, and never by a bug. */
export async function openRequests(): Promise<{ target: Target; close: () => Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-fuzz-'))
  const settings = readSettings({
    ...CHEAP_HASHES,
    DATABASE_URL: `file:${join(dir, 'oneseat.db')}`,
    THROTTLE: 'off',
    SIGNUP: 'closed', // thousands of accounts would only slow it down
    TRUST_PROXY: '127.0.0.1',
    ALLOWED_ORIGINS: 'https://app.example',
    LOG_LEVEL: 'silent',
  })
  const app = createFastify({ logLevel: settings.LOG_LEVEL, trustProxy: settings.TRUST_PROXY })
  await mountApp(app, assembleParts(app, settings, await openEngines(app, settings)))
  await app.ready()

  async function run(bytes: Buffer): Promise<void> {
    const [near, far] = duplexPair()
    // Node's parser and ours, without the network in between.
    app.server.emit('connection', Object.assign(far, ADDRESSES))
    const said = collect(near)
    near.end(bytes)
    const text = (await said).toString('latin1')
    for (const answer of text.split(/(?=HTTP\/1\.\d \d{3} )/).filter((part) => part !== '')) {
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])
      if (!KNOWN.has(status)) throw new Error(`was answered ${answer}`)
      if (status >= 400 && !/^x-frame-options: DENY\r$/m.test(answer)) throw new Error('is bare')
    }
    if (/\bat .*:\d+:\d+|node_modules|SQLITE_/.test(text)) throw new Error('tells of the inside')
  }

  return {
    target: { name: 'requests', seeds: SEEDS, run },
    async close() {
      await app.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function collect(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = []
  return new Promise((done) => {
    stream.on('data', (chunk) => chunks.push(chunk))
    stream.on('error', () => {})
    stream.on('close', () => done(Buffer.concat(chunks)))
  })
}

const ADDRESSES = { remoteAddress: '127.0.0.1', localAddress: '127.0.0.1', localPort: 3000 }
const KNOWN: ReadonlySet<number> = new Set([
  100, 200, 201, 204, 400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 417, 422, 426, 431, 501,
])
const LOGIN = '{"username":"ann","password":"a test needs no secrets"}'
const SEEDS = [
  'GET /me HTTP/1.1\r\nHost: a\r\nCookie: oneseat=AAAAAAAAAAAAAAAA.B.C\r\n\r\n',
  `POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${LOGIN.length}\r\n\r\n${LOGIN}`,
  'POST /logout HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\nSec-Fetch-Site: cross-site\r\n\r\n',
  'POST /logout HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  'GET /verify?role=admin&role=editor HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1, 10.0.0.1\r\nX-Forwarded-Proto: https\r\n\r\n',
  'OPTIONS /login HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n\r\n',
  'GET /admin/users?limit=5&after=x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n',
  'HEAD /health/live HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\nGET /%6de HTTP/1.1\r\nHost: a\r\n\r\n',
]
