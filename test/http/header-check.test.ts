import { createServer, ServerResponse } from 'node:http'
import t from 'tap'
import { checkSecurityHeaders } from '../../src/http/header-check.ts'
import { SecureResponse } from '../../src/http/headers.ts'
import { createFastify } from '../../src/http/server.ts'

t.test('a server whose answers have them passes, and one that is not to listen does', async (t) => {
  await checkSecurityHeaders(
    createServer({ ServerResponse: SecureResponse }, (_, response) => response.end()),
  )
  t.pass()
})

t.test('a server whose answers lack any is found out', async (t) => {
  class Forgetful extends ServerResponse {
    override writeHead(status: number): this {
      return super.writeHead(status, { 'x-frame-options': 'DENY', 'cache-control': 'public' })
    }
  }
  await t.rejects(
    checkSecurityHeaders(createServer((_, response) => response.end())),
    /lack security headers: cache-control, .*, x-frame-options$/,
  )
  await t.rejects(
    checkSecurityHeaders(createServer({ ServerResponse: Forgetful }, (_, response) => response.end())),
    /lack security headers: cache-control, .*, x-content-type-options$/,
  )
})

t.test('the service does not start without them, and the check is not counted', async (t) => {
  const good = createFastify({ logLevel: 'silent', trustProxy: [] })
  await good.ready()
  t.strictSame((await good.answerTimes.get()).values, [])
  await good.close()
  const bad = createFastify({ logLevel: 'silent', trustProxy: [] })
  bad.server.removeAllListeners('request').on('request', (_, response) => {
    response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n') // past the response
  })
  await t.rejects(Promise.resolve(bad.ready()), /lack security headers/)
  await bad.close()
})
