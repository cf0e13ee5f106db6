import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { compiledOnce, endWithUs, loadedSooner, withoutTap } from './children.ts'

/** The program itself, as `npm start` runs it, in a process of its own. */
export type Instance = {
  url: string
  pid: number
  /** All log lines so far, parsed. */
  logs: Record<string, unknown>[]
  /** What a person sees: everything on standard error. */
  stderr(): string
  /** Sends a signal and resolves with the exit code when the process has ended (null if the signal ended it). */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  signal(signal: NodeJS.Signals): void
}

/** How a program is started. */
export type StartOptions = {
  cwd?: string
  /** Another than `src/cli.ts`, which is told to `serve`. */
  program?: string
  programArgs?: readonly string[]
  /** Arguments of Node itself. */
  nodeArgs?: readonly string[]
  /** Whether tap counts the lines that it runs; then it starts half as fast. */
  counted?: boolean
}

/** Starts the program on a free port and waits until it listens. Rejects with its output if it does not. */
export async function startInstance(
  env: Record<string, string>,
  {
    cwd = ROOT,
    program = 'src/cli.ts',
    programArgs = program === 'src/cli.ts' ? ['serve'] : [],
    nodeArgs = [],
    counted = false,
  }: StartOptions = {},
): Promise<Instance> {
  const args = [...loadedSooner(), ...nodeArgs, join(ROOT, program), ...programArgs]
  const [command, all] = counted ? [process.execPath, args] : withoutTap(process.execPath, args)
  const child: ChildProcess = spawn(command, all, {
    cwd,
    env: {
      ...{ PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0' },
      ...compiledOnce(),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  endWithUs(child)
  const logs: Record<string, unknown>[] = []
  let stderr = ''
  let rest = ''
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const exited = new Promise<number | null>((done) => child.once('exit', done))
  const url = await new Promise<string>((done, fail) => {
    child.stdout?.on('data', (chunk) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const entry = JSON.parse(line) as Record<string, unknown>
        logs.push(entry)
        const listening = /listening at (\S+)/.exec(String(entry['msg']))
        if (listening?.[1] !== undefined) done(listening[1])
      }
    })
    child.once('exit', (code) => fail(new Error(`ended with ${code} before it listened\n${stderr}`)))
  })
  return {
    url,
    pid: child.pid as number,
    logs,
    stderr: () => stderr,
    signal: (signal) => child.kill(signal),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return exited
    },
  }
}

/** Has the program run `code`, a module, before itself. */
export function preload(code: string): Required<Pick<StartOptions, 'nodeArgs'>> {
  return { nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(code)}`] }
}

const ROOT = join(import.meta.dirname, '../..')
