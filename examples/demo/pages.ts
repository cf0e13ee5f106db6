import { join } from 'node:path'
import type { FastifyRequest } from 'fastify'
import { build, type Rollup } from 'vite'
import { serveStatic } from '../../src/http/static-files.ts'
import type { App } from '../../src/http/types.ts'
import config from '../spa/vite.config.ts'

/** Builds and serves the pages: the outer page at `demo.localhost`, and the application of the phones at the hosts below it. */
export async function servePages(app: App): Promise<void> {
  const files = await buildPages()
  const stage = files.get('demo/index.html') ?? ''
  const phone = files.get('spa/index.html') ?? ''
  app.get('/', { config: { access: 'public' } }, async (request, reply) =>
    reply
      .headers({ 'content-type': TYPES['html'], 'content-security-policy': policyFor(request) })
      .send(request.hostname === STAGE ? stage : phone),
  )
  for (const [name, bytes] of files) {
    const type = TYPES[name.split('.').at(-1) ?? '']
    if (name.endsWith('.html') || type === undefined) continue
    serveStatic(
      app,
      `/${name}`,
      { config: { access: 'public' } },
      {
        bytes: Buffer.from(bytes),
        headers: { 'content-type': type },
      },
    )
  }
}

async function buildPages(): Promise<Map<string, string | Uint8Array>> {
  const root = join(import.meta.dirname, '..')
  const { output } = (await build({
    ...config,
    root,
    configFile: false,
    logLevel: 'warn',
    define: { 'import.meta.env.VITE_API': '""' },
    build: {
      write: false,
      modulePreload: false,
      target: 'esnext',
      rollupOptions: { input: [join(root, 'spa/index.html'), join(root, 'demo/index.html')] },
    },
  })) as Rollup.RollupOutput
  return new Map(output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]))
}

/** Nothing is loaded from other hosts, and only the outer page may frame the phones. */
function policyFor({ socket }: FastifyRequest): string {
  const hosts = (names: string) =>
    names
      .split(' ')
      .map((name) => `http://${name}:${socket.localPort}`)
      .join(' ')
  return (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src data:; connect-src 'self'; " +
    `frame-src ${hosts(`left.${STAGE} right.${STAGE}`)}; frame-ancestors ${hosts(STAGE)}; base-uri 'none'; form-action 'none'`
  )
}

const STAGE = 'demo.localhost'

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  woff2: 'font/woff2',
}
