import { readFile } from 'node:fs/promises'
import { Type } from '@sinclair/typebox'
import { serveStatic } from '../http/static-files.ts'
import type { App } from '../http/types.ts'

/** The document that clients are generated from: the committed file, as it is. */
export async function openapiRoutes(app: App): Promise<void> {
  serveStatic(
    app,
    '/openapi.yaml',
    {
      schema: {
        operationId: 'openapi',
        summary: 'This document.',
        produces: ['application/yaml'],
        response: {
          200: Type.String({ examples: ['openapi: 3.1.0\n'] }),
          304: Type.Null({ description: 'The client has it already.' }),
        },
      },
    },
    {
      bytes: await readFile(new URL(import.meta.resolve('oneseat/openapi.yaml'))),
      headers: { 'content-type': 'application/yaml' },
    },
  )
}
