import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { describeApi } from '../tools/describe-api.ts'
import type { JsonObject } from '../tools/json-schema.ts'
import { mountedApi } from '../tools/mounted-api.ts'
import { withoutTap } from './support/children.ts'
import { sampleOf } from './support/sample.ts'
import { startService } from './support/service.ts'

const ROOT = join(import.meta.dirname, '..')
const text = readFileSync(join(ROOT, 'openapi.yaml'), 'utf8')
const document = parse(text) as { paths: Record<string, Record<string, JsonObject>> }

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    operation,
    isPublic: JSON.stringify(operation['security']) === '[]',
  })),
)

t.test('openapi.yaml is what the routes say; else run `npm run openapi`', async (t) => {
  t.equal(text, await describeApi())
})

t.test('the document is valid, by the recommended rules', async (t) => {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const redocly = join(ROOT, 'node_modules/.bin/redocly')
  const [command, args] = withoutTap(redocly, ['lint', 'openapi.yaml', '--max-problems=20'])
  t.doesNotThrow(() => execFileSync(command, args, { cwd: ROOT, env, stdio: 'pipe' }))
})

t.test('every route is in the document, and everything in the document is a route', async (t) => {
  const routes: string[] = []
  const app = await mountedApi(async (bare) => {
    bare.addHook('onRoute', ({ method, url, schema }) => {
      if (schema?.hide === true || method === 'HEAD') return
      for (const name of [method].flat()) routes.push(`${name} ${url.replace(/:(\w+)/g, '{$1}')}`)
    })
  })
  t.teardown(() => app.close())
  t.same(operations.map(({ name }) => name).sort(), routes.sort())
})

t.test('what is hidden from the document shows no more than what is in it', async (t) => {
  const hidden: string[] = []
  const app = await mountedApi(async (bare) => {
    bare.addHook('onRoute', ({ method, url, schema }) => {
      if (schema?.hide === true && method === 'GET') hidden.push(url)
    })
  })
  t.teardown(() => app.close())
  t.same(hidden, [
    ...['/docs/errors', '/docs/start.js', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js'],
    '/verify/*', // as Envoy asks
  ])
})

t.test('no two operations have the same id', async (t) => {
  const ids = operations.map(({ operation }) => operation['operationId'])
  t.same(ids, [...new Set(ids)])
  t.ok(ids.every((id) => typeof id === 'string'))
})

t.test('without a cookie', async (t) => {
  const service = await startService(t, 'sqlite')

  for (const { name, method, path, operation, isPublic } of operations) {
    await t.test(`${name} ${isPublic ? 'answers anybody' : 'is refused'}`, async (t) => {
      const body = (operation['requestBody'] as JsonObject | undefined)?.['content'] as JsonObject
      const answer = await service
        .browser()
        .request(
          method,
          path.replace(/\{\w+\}/g, 'x'),
          body === undefined ? undefined : sampleOf(body['application/json'] as JsonObject, document),
        )
      if (isPublic) t.ok(answer.status < 500 && answer.body.code !== 'unauthenticated', answer.body.code)
      else t.match(answer, { status: 401, body: { code: 'unauthenticated' } })
      t.not(answer.status, 400, 'the request was well formed')
    })
  }
})
