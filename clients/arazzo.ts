import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PASSWORD } from './device.ts'
import { runProgram } from './generate.ts'

const ROOT = join(import.meta.dirname, '..')

/** Has Redocly's `respect` follow the workflow of two devices, step by step, against a service with one seat. */
export async function runWorkflow(url: string): Promise<void> {
  const { url: address, close } = await withOneCookie(url)
  try {
    await runProgram(join(ROOT, 'node_modules/.bin/redocly'), [
      ...['respect', join(ROOT, 'docs/login-and-kick.arazzo.yaml'), '--server', `oneseat=${address}`],
      ...['--input', 'username=arazzo', '--input', `password=${PASSWORD}`],
    ])
  } finally {
    close()
  }
}

/**
 * A proxy that passes only the session cookie on. `respect` keeps no more than the last `Set-Cookie` of an answer, which is the
 * cookie that recognises devices.
 */
async function withOneCookie(url: string): Promise<{ url: string; close: () => void }> {
  const server = createServer((incoming, outgoing) => {
    const { method, headers } = incoming
    const onward = request(new URL(incoming.url ?? '/', url), { method, headers }, (answer) => {
      const [session] = answer.headers['set-cookie'] ?? []
      const more = session === undefined ? {} : { 'set-cookie': session }
      outgoing.writeHead(answer.statusCode ?? 500, { ...answer.headers, ...more })
      answer.pipe(outgoing)
    })
    incoming.pipe(onward)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}
