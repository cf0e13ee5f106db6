import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { makeCertificate } from './certificate.ts'
import { endWithUs } from './children.ts'
import { freePort } from './redis.ts'
import { until } from './until.ts'

/** What stands behind a proxy: instances of Oneseat, and a program that is told who asks. */
export type Behind = { oneseat: readonly [string, string]; program: string }

/** A proxy with a file of `docs/`, in which only addresses and places are others. */
export type RunningProxy = { http: string | null; https: string }

type Started = {
  command: string
  args: string[]
  dir: string
  proxy: RunningProxy
  mayComplain?: RegExp
}

export async function startNginx(t: Test, behind: Behind, query = ''): Promise<RunningProxy> {
  const [http, https, dir] = await place()
  const site = document('nginx.conf', behind)
    .replace('/verify;', `/verify${query};`)
    .replace('listen 8080', `listen 127.0.0.1:${http}`)
    .replace('listen 8443', `listen 127.0.0.1:${https}`)
    .replace('/etc/ssl/oneseat.pem', join(dir, 'cert.pem'))
    .replace('/etc/ssl/oneseat.key', join(dir, 'key.pem'))
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (use) => `${use}_temp_path ${use};`,
  )
  mkdirSync(join(dir, 'logs'))
  const around = `daemon off; master_process off; pid nginx.pid; error_log stderr warn; events {}`
  const config = `${around} http { access_log off; ${places.join(' ')}\n${site}\n}`
  writeFileSync(join(dir, 'nginx.conf'), config)
  const args = ['-p', dir, '-c', 'nginx.conf', '-e', 'stderr']
  // An instance that stops, and a body that comes in several pieces, are no reason to complain of the file.
  const mayComplain =
    /connect\(\) failed|prematurely closed|Connection reset|temporarily disabled|is buffered to a temporary file/
  return start(t, { command: 'nginx', args, dir, proxy: urls(http, https), mayComplain })
}

export async function startCaddy(t: Test, behind: Behind): Promise<RunningProxy> {
  const [, https, dir] = await place()
  const tls = `tls ${join(dir, 'cert.pem')} ${join(dir, 'key.pem')}`
  const site = document('Caddyfile', behind).replace(
    'example.com {',
    `https://localhost:${https} {\n${tls}`,
  )
  const around = '{\nadmin off\nauto_https disable_redirects\nstorage file_system .\n}\n'
  writeFileSync(join(dir, 'Caddyfile'), around + site)
  const args = ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile']
  const proxy = { http: null, https: `https://localhost:${https}` }
  return start(t, { command: 'caddy', args, dir, proxy, mayComplain: /./ }) // it logs to standard error
}

export async function startHaproxy(t: Test, behind: Behind): Promise<RunningProxy> {
  const [http, https, dir] = await place()
  const verify = `127.0.0.1:${await freePort()}`
  const pem = readFileSync(join(dir, 'cert.pem'), 'utf8') + readFileSync(join(dir, 'key.pem'), 'utf8')
  writeFileSync(join(dir, 'both.pem'), pem)
  const lua = join(dir, 'haproxy-verify.lua')
  writeFileSync(lua, document('haproxy-verify.lua', behind).replace('127.0.0.1:8404', verify))
  const config = document('haproxy.cfg', behind)
    .replace('127.0.0.1:8404', verify)
    .replace('bind :8080', `bind 127.0.0.1:${http}`)
    .replace('bind :8443', `bind 127.0.0.1:${https}`)
    .replace('/etc/ssl/oneseat.pem', join(dir, 'both.pem'))
    .replace('/etc/haproxy/haproxy-verify.lua', lua)
  writeFileSync(join(dir, 'haproxy.cfg'), config)
  const args = ['-db', '-f', 'haproxy.cfg']
  return start(t, { command: 'haproxy', args, dir, proxy: urls(http, https), mayComplain: /./ })
}

function document(name: string, { oneseat, program }: Behind): string {
  return readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8')
    .replaceAll('127.0.0.1:3000', new URL(oneseat[0]).host)
    .replaceAll('127.0.0.1:3001', new URL(oneseat[1]).host)
    .replaceAll('127.0.0.1:4000', new URL(program).host)
}

function urls(http: number, https: number): RunningProxy {
  return { http: `http://127.0.0.1:${http}`, https: `https://localhost:${https}` }
}

/** Two free ports, and a directory with a certificate. */
async function place(): Promise<[number, number, string]> {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-proxy-'))
  makeCertificate('localhost', join(dir, 'key.pem'), join(dir, 'cert.pem'))
  return [await freePort(), await freePort(), dir]
}

async function start(
  t: Test,
  { command, args, dir, proxy, mayComplain }: Started,
): Promise<RunningProxy> {
  const child = spawn(command, args, {
    cwd: dir,
    env: { PATH: `${process.env['PATH']}:/usr/sbin`, HOME: dir },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  endWithUs(child)
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const exited = new Promise<void>((done) => child.once('exit', () => done()))
  t.teardown(async () => {
    child.kill()
    await exited
    rmSync(dir, { recursive: true, force: true })
    const complaints = said.split('\n').filter((line) => line !== '' && mayComplain?.test(line) !== true)
    if (complaints.length > 0) throw new Error(`${command} complains: ${complaints.join('\n')}`)
  })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(said)
    return (await curl(['-s', '-f', '-o', '/dev/null', `${proxy.https}/auth/health/live`])).isAnswered
  }, 30_000)
  return proxy
}

/** Runs curl, which speaks HTTP/2 and takes any certificate. */
export async function curl(args: readonly string[]): Promise<{ isAnswered: boolean; text: string }> {
  try {
    const { stdout } = await run('curl', ['-k', '--max-time', '10', ...args])
    return { isAnswered: true, text: stdout }
  } catch {
    return { isAnswered: false, text: '' }
  }
}

const run = promisify(execFile)
