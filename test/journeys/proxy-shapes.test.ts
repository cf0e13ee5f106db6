import { readFileSync } from 'node:fs'
import { join as joinPath } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { join } from '../support/people.ts'
import { answerTo } from '../support/raw.ts'
import { startService } from '../support/service.ts'

// What Traefik and Envoy send when they ask, as their documents and sources have it, with what docs/traefik.yml and docs/envoy.yaml say.

const DOCS = joinPath(import.meta.dirname, '../../docs')
const service = await startService(t, 'sqlite', { env: { TRUST_PROXY: '127.0.0.1' } })
const ann = await join(service, 'ann', ['editor'])
const cookie = `Cookie: ${ann.browser.cookie}`

t.test('Traefik asks with GET and tells of the request in headers', async (t) => {
  const { http } = parse(readFileSync(joinPath(DOCS, 'traefik.yml'), 'utf8'))
  const { address, authResponseHeaders } = http.middlewares['signed-in'].forwardAuth
  const asks = [
    'X-Forwarded-For: 203.0.113.7',
    'X-Forwarded-Host: example.com',
    'X-Forwarded-Method: POST',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Uri: /orders?role=admin',
    'User-Agent: Go-http-client/1.1',
    'Accept-Encoding: gzip',
  ]
  const target = new URL(address).pathname
  const yes = await answerTo(service.url, `GET ${target}`, [...asks, cookie])
  t.equal(yes.status, 204)
  for (const name of authResponseHeaders) t.ok(name.toLowerCase() in yes.headers, name)
  t.equal(yes.headers['x-user-name'], 'ann')
  const no = await answerTo(service.url, `GET ${target}`, asks)
  t.match(no, { status: 401, body: { code: 'unauthenticated' } })
  t.match(no.headers['www-authenticate'], /^Cookie/)
})

t.test('Envoy asks with the method and the path of the request, behind a prefix', async (t) => {
  const { http_filters } = parse(readFileSync(joinPath(DOCS, 'envoy.yaml'), 'utf8'))
  const { path_prefix, authorization_response } = http_filters[1].typed_config.http_service
  for (const line of [
    'GET /',
    'GET /orders?role=admin',
    'POST /orders/5',
    'DELETE /orders/5',
    'PUT /a%2Fb//c',
  ]) {
    const [method, path] = line.split(' ')
    const asked = `${method} ${path_prefix}${path}`
    const asks = ['X-Forwarded-Proto: https', 'X-Forwarded-For: 203.0.113.7', 'Content-Length: 0']
    const yes = await answerTo(service.url, asked, [...asks, cookie])
    t.equal(yes.status, 200, `${line}: the only status that Envoy takes for a yes`)
    const [prefix] = authorization_response.allowed_upstream_headers.patterns
    t.ok(Object.keys(yes.headers).filter((name) => name.startsWith(prefix.prefix)).length >= 3)
    const no = await answerTo(service.url, asked, asks)
    t.match(no, { status: 401, body: { code: 'unauthenticated' } }, line)
  }
})
