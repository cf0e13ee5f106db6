import { readFile } from 'node:fs/promises'
import { Type } from '@sinclair/typebox'
import { serveStatic } from '../http/static-files.ts'
import type { App } from '../http/types.ts'

/** The API as a page to read and try, by Swagger UI; it loads nothing from anywhere else. */
export async function docsRoutes(app: App): Promise<void> {
  serveStatic(
    app,
    '/docs',
    {
      schema: {
        operationId: 'docs',
        summary: 'This document as a page.',
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

/** Addresses are relative, so that the page also works under a path of a proxy's. */
const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Oneseat API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<main id="api"></main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
`

const START = `SwaggerUIBundle({ url: 'openapi.yaml', dom_id: '#api', validatorUrl: null, deepLinking: true })\n`

/** Swagger UI styles elements as it goes and draws with data URLs; nothing else may come from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
