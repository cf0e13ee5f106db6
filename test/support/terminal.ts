import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { compiledOnce, loadedSooner, withoutTap } from './children.ts'

type Ended = { code: number | null; stdout: string; stderr: string }

type RunOptions = {
  env: Record<string, string>
  /** Whether tap counts the lines that it runs. */
  counted?: boolean
}

type RunUsersOptions = RunOptions & {
  stdin?: string
  command?: 'users' | 'keys' | 'webhooks' | 'backup'
}

/** Runs `npm run users`, or another command, as it is behind npm, with `stdin` as its whole input, and waits for its end. */
export async function runUsers(
  args: readonly string[],
  { env, counted = false, stdin = '', command: verb = 'users' }: RunUsersOptions,
): Promise<Ended> {
  const program = [...loadedSooner(), PROGRAM, verb, ...args]
  const [command, all] = counted ? [process.execPath, program] : withoutTap(process.execPath, program)
  const child = spawn(command, all, {
    env: { PATH: process.env['PATH'], ...compiledOnce(), ...env },
    stdio: 'pipe',
  })
  child.stdin.on('error', () => {}) // it may end without reading
  child.stdin.end(stdin)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return { code: await closed(child), stdout, stderr }
}

/** Runs it on a terminal of its own, and types each answer when its question is on the screen. */
export async function typeAtTerminal(
  args: readonly string[],
  { env, counted = false }: RunOptions,
  answers: readonly { on: string; type: string }[],
): Promise<{ code: number | null; screen: string }> {
  const program = [process.execPath, ...loadedSooner(), PROGRAM, 'users', ...args]
  const script = process.platform === 'darwin' ? ['-q', '/dev/null', ...program] : onLinux(program)
  const [command, all] = counted ? ['script', script] : withoutTap('script', script)
  const child = spawn(command, all, {
    env: { PATH: process.env['PATH'], ...compiledOnce(), ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = [...answers]
  let screen = ''
  child.stdout.on('data', (chunk) => {
    screen += chunk
    const next = waiting[0]
    if (next === undefined || !screen.includes(next.on)) return
    waiting.shift()
    child.stdin.write(next.type)
  })
  return { code: await closed(child), screen }
}

function onLinux(program: readonly string[]): string[] {
  return ['-qec', program.map((part) => `'${part}'`).join(' '), '/dev/null']
}

function closed(child: ChildProcess): Promise<number | null> {
  return new Promise((done) => child.once('close', done))
}

const PROGRAM = join(import.meta.dirname, '../../src/cli.ts')
