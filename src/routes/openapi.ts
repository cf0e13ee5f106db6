import { readFile } from 'node:fs/promises'
import { Type } from '@sinclair/typebox'
import { serveStatic } from '../http/static-files.ts'
import type { App } from '../http/types.ts'
import type { Parts } from './parts.ts'

/** Serves `openapi.yaml`, with the URL of the API in `servers` if `PUBLIC_URL` is set. */
export async function openapiRoutes(app: App, { publicUrl }: Parts): Promise<void> {
  const document = await readFile(new URL(import.meta.resolve('oneseat/openapi.yaml')), 'utf8')
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
      bytes: Buffer.from(
        publicUrl === null ? document : document.replace(SERVER, `$1${JSON.stringify(publicUrl)}`),
      ),
      headers: { 'content-type': 'application/yaml' },
    },
  )
}

const SERVER = /^(servers:\n\s+- url: )\/$/m
