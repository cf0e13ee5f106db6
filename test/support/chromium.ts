import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer, { type Browser } from 'puppeteer-core'
import type { Test } from 'tap'
import { makeCertificate } from './certificate.ts'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Why there can be no browser test here, or false. In CI a missing browser is a failure, not a reason. */
export const noChromium: string | false =
  existsSync(CHROMIUM) || process.env['CI'] !== undefined
    ? false
    : `there is no Chromium at ${CHROMIUM}; name one in CHROMIUM`

/** A real browser with a profile of its own, closed when the test ends. Every name that ends in `.test` is this machine. */
export async function startChromium(t: Test): Promise<Browser> {
  const userDataDir = mkdtempSync(join(tmpdir(), 'oneseat-chromium-'))
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    userDataDir,
    acceptInsecureCerts: true,
    args: [
      '--headless',
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  t.teardown(async () => {
    await browser.close()
    rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5 })
  })
  return browser
}

/** A proxy that ends TLS before `upstream`, under a certificate made for it; gives its URL. */
export async function startTlsProxy(t: Test, upstream: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-tls-'))
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  makeCertificate('localhost', key, cert)
  const server: Server = createServer(
    { key: readFileSync(key), cert: readFileSync(cert) },
    (request, response) => {
      const headers = {
        ...request.headers,
        'x-forwarded-proto': 'https',
        'x-forwarded-for': '203.0.113.5',
      }
      const inner = httpRequest(
        upstream + request.url,
        { method: request.method ?? 'GET', headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
          answer.pipe(response)
        },
      )
      request.pipe(inner)
    },
  )
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return `https://localhost:${(server.address() as { port: number }).port}`
}
