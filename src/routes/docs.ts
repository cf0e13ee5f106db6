import { readFile } from 'node:fs/promises'
import { Type } from '@sinclair/typebox'
import type { App } from '../http/types.ts'

/** The API as a page to read and try, by Swagger UI; it loads nothing from anywhere else. */
export async function docsRoutes(app: App): Promise<void> {
  app.get(
    '/docs',
    {
      schema: {
        operationId: 'docs',
        summary: 'This document as a page.',
        produces: ['text/html'],
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) =>
      reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(PAGE),
  )

  app.get('/docs/start.js', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(START),
  )

  for (const [file, type] of Object.entries(SWAGGER_UI)) {
    const url = new URL(import.meta.resolve(`swagger-ui-dist/${file}`))
    app.get(`/docs/${file}`, { schema: { hide: true } }, async (_request, reply) =>
      reply
        .type(`${type}; charset=utf-8`)
        .header('cache-control', 'max-age=86400')
        .send(await readFile(url)),
    )
  }
}

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
