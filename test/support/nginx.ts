import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithUs } from './children.ts'
import { freePort } from './redis.ts'
import { until } from './until.ts'

/** Starts nginx with `docs/nginx.conf` in front of these two; `query` is what it asks `/verify` for besides. */
export async function startNginx(oneseat: string, program: string, query: string) {
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-nginx-'))
  mkdirSync(join(dir, 'logs'))
  const site = readFileSync(join(import.meta.dirname, '../../docs/nginx.conf'), 'utf8')
    .replace('127.0.0.1:3000', new URL(oneseat).host)
    .replace('127.0.0.1:4000', new URL(program).host)
    .replace('/verify;', `/verify${query};`)
    .replace('listen 8080', `listen 127.0.0.1:${port}`)
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (use) => `${use}_temp_path ${use};`,
  )
  const around = `daemon off; master_process off; pid nginx.pid; error_log stderr warn; events {}`
  writeFileSync(
    join(dir, 'nginx.conf'),
    `${around} http { access_log off; ${places.join(' ')}\n${site}\n}`,
  )
  const child = spawn('nginx', ['-p', dir, '-c', 'nginx.conf', '-e', 'stderr'], {
    env: { PATH: `${process.env['PATH']}:/usr/sbin` },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  endWithUs(child)
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const exited = new Promise<void>((done) => child.once('exit', () => done()))
  const url = `http://127.0.0.1:${port}`
  await until(async () => {
    if (child.exitCode !== null) throw new Error(said)
    return fetch(url).then(
      () => true,
      () => false,
    )
  })
  return {
    url,
    /** Rejects if nginx had something to complain of. */
    async stop() {
      child.kill()
      await exited
      rmSync(dir, { recursive: true, force: true })
      if (said !== '') throw new Error(said)
    },
  }
}
