import { readFile } from 'node:fs/promises'
import { Type } from '@sinclair/typebox'
import type { App } from '../http/types.ts'

/** The document that clients are generated from: the committed file, as it is. */
export async function openapiRoutes(app: App): Promise<void> {
  const document = await readFile(new URL('../../openapi.yaml', import.meta.url), 'utf8')
  app.get(
    '/openapi.yaml',
    {
      schema: {
        operationId: 'openapi',
        summary: 'This document.',
        produces: ['application/yaml'],
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) => reply.type('application/yaml').send(document),
  )
}
