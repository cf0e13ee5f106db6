import { readFile } from 'node:fs/promises'
import { Type } from '@sinclair/typebox'
import { CATALOGUE } from '../errors.ts'
import { serveStatic } from '../http/static-files.ts'
import type { App } from '../http/types.ts'

/** Serves the API as a page to read and try, with Swagger UI. The page loads nothing from other hosts. */
export async function docsRoutes(app: App): Promise<void> {
  serveStatic(
    app,
    '/docs',
    {
      schema: {
        operationId: 'docs',
        summary: 'The API as a page.',
        produces: ['text/html'],
        response: {
          200: Type.String({ examples: ['<!doctype html>'] }),
          304: Type.Null({ description: 'The client has it already.' }),
        },
      },
    },
    {
      bytes: Buffer.from(PAGE),
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY },
    },
  )
  serveStatic(app, '/docs/errors', HIDDEN, {
    bytes: Buffer.from(errorsPage()),
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY },
  })
  serveStatic(app, '/docs/start.js', HIDDEN, {
    bytes: Buffer.from(START),
    headers: { 'content-type': 'text/javascript; charset=utf-8' },
  })
  for (const [file, type] of Object.entries(SWAGGER_UI)) {
    serveStatic(app, `/docs/${file}`, HIDDEN, {
      bytes: await readFile(new URL(import.meta.resolve(`swagger-ui-dist/${file}`))),
      headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'max-age=86400' },
    })
  }
}

const HIDDEN = { schema: { hide: true } }
const SWAGGER_UI = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' }

/** URLs are relative, so that the page also works under the path prefix of a proxy. */
const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Oneseat API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<p style="margin: 1.5em; font: 1rem sans-serif"><a href="docs/errors">All error codes</a></p>
<main id="api"></main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
`

/** Lists every code, as `docs/errors.md` does. Each has an anchor. */
function errorsPage(): string {
  const rows = Object.entries(CATALOGUE).map(
    ([code, [status, title, detail]]) =>
      `<tr id="${code}"><th scope="row"><code>${code}</code><td>${status}<td>${title}<td>${detail.replace(/`(.+?)`/g, '<code>$1</code>')}</tr>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Oneseat API: errors</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse }
th, td { padding: .5rem 1rem .5rem 0; text-align: left; vertical-align: top; border-top: 1px solid #8886 }
tr:target { background: #fc06 }
</style>
<h1>Errors</h1>
<p>Programs decide on <code>code</code>. <a href="../docs">The calls</a></p>
<table><thead><tr><th>Code<th>Status<th>Title<th>What is wrong, and what to do</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>
</html>
`
}

/**
 * Calls go to the API beside this page, whatever `servers` in the document says: behind a proxy the API may have a path prefix
 * that it does not know. The browser sends the cookie by itself.
 */
const START = `const here = new URL('.', location.href)
SwaggerUIBundle({
  url: 'openapi.yaml',
  dom_id: '#api',
  validatorUrl: null,
  deepLinking: true,
  requestInterceptor(request) {
    const url = new URL(request.url, here)
    if (url.origin === here.origin && !url.pathname.startsWith(here.pathname))
      url.pathname = here.pathname + url.pathname.slice(1)
    request.url = url.href
    return request
  },
})
`

/** Swagger UI needs inline styles and data URLs for images. Everything else has to come from this origin. */
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
