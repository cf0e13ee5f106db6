import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'
import { endWithUs, withoutTap } from '../support/children.ts'
import { preload } from '../support/process.ts'
import { pythonWithFlask } from '../support/programs.ts'

const ROOT = join(import.meta.dirname, '../..')

/** `oneseat` is the source here, so that nothing has to be compiled first; `npm run test:package` runs what is packed. */
export const FROM_SOURCE = preload(`
  import { registerHooks } from 'node:module'
  const sources = ${JSON.stringify({
    oneseat: new URL('../../src/index.ts', import.meta.url).href,
    'oneseat/client': new URL('../../src/client/client.ts', import.meta.url).href,
  })}
  registerHooks({ resolve: (name, context, next) => next(sources[name] ?? name, context) })`).nodeArgs

/** Starts an example on a free port, in an empty directory, and gives its URL. It ends with the test. */
export async function startExample(t: Test, file: string, env: Record<string, string>): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'oneseat-example-'))
  const path = resolve(ROOT, 'examples', file)
  const child = spawn(...withoutTap(...commandFor(path)), {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  endWithUs(child)
  const exited = new Promise((done) => child.once('exit', done))
  t.teardown(async () => {
    child.kill()
    await exited
    rmSync(cwd, { recursive: true, force: true })
  })
  return new Promise((done, fail) => {
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk
        const [, url] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(said) ?? []
        if (url !== undefined) done(url)
      })
    child.once('exit', () => fail(new Error(`${file} ended: ${said}`)))
  })
}

function commandFor(path: string): [string, string[]] {
  if (path.endsWith('flask/app.py')) return [pythonWithFlask() ?? '', [path]]
  if (path.endsWith('.py')) return ['python3', [path]]
  if (path.endsWith('.php')) return ['php', ['-S', '127.0.0.1:0', path]]
  return [process.execPath, [...FROM_SOURCE, path]]
}
