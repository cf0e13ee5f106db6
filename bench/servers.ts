import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A contender that runs: where to ask, as whom, and what it has cost. */
export type Running = { url: string; cookies: readonly string[]; pid: number; stop(): Promise<void> }

/** Starts a contender alone, on core 0 unless others are named, and waits until it says that it is ready. */
export async function startContender(
  file: string,
  env: Record<string, string>,
  cores = '0',
): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-bench-'))
  const script = join(import.meta.dirname, 'contenders', file)
  const child = spawn('taskset', ['-c', cores, process.execPath, '--no-warnings', script], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      DATABASE_URL: `file:${join(dir, 'bench.db')}`,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { url, cookies } = await firstAnnouncement(child)
  return {
    url,
    cookies,
    pid: child.pid as number,
    async stop() {
      await end(child)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function firstAnnouncement(child: ChildProcess): Promise<{ url: string; cookies: string[] }> {
  return new Promise((done, fail) => {
    let text = ''
    child.stdout?.on('data', (chunk) => {
      text += chunk
      const line = text.split('\n').find((each) => each.startsWith('{"url"'))
      if (line !== undefined && text.endsWith('\n')) done(JSON.parse(line))
    })
    child.once('exit', (code) => fail(new Error(`a contender ended with ${code}`)))
  })
}

async function end(child: ChildProcess): Promise<void> {
  const exited = new Promise((done) => child.once('exit', done))
  child.kill('SIGKILL')
  await exited
}

/** Processor time that a process has used so far, microseconds (Linux). */
export function cpuMicros(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * TICK
}

const TICK = 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Memory that a process holds right now, MiB (Linux). */
export function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
