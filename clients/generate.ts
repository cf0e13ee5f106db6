import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const HERE = import.meta.dirname
const document = '../openapi.yaml'

/** Has each generator make its client of `openapi.yaml`, all at the same time, as its documents say. */
export async function generateClients(): Promise<void> {
  await rm(join(HERE, 'generated'), { recursive: true, force: true })
  const commands = [
    ['openapi-typescript', document, '-o', 'generated/openapi-typescript.ts'],
    ['openapi-ts', '-f', './hey-api.config.ts'],
    ['orval', '--input', document, '--output', 'generated/orval.ts', '--client', 'fetch'],
    [
      ...['swagger-typescript-api', 'generate', '-p', document, '-o', 'generated'],
      ...['-n', 'swagger-typescript-api.ts', '--enum-style=union', '--disable-throw-on-error'],
    ],
  ]
  await Promise.all(commands.map(([command = '', ...args]) => runHere(command, args)))
}

/** Checks the types of the generated clients and of what is written with them. */
export async function checkTypes(): Promise<void> {
  await runHere('tsc', ['-p', '.'])
}

function runHere(command: string, args: readonly string[]): Promise<void> {
  return runProgram(join(HERE, 'node_modules/.bin', command), args)
}

/** Rejects with all that the program said if it fails. */
export async function runProgram(file: string, args: readonly string[]): Promise<void> {
  try {
    await run(file, [...args], { cwd: HERE, env: { ...process.env, REDOCLY_TELEMETRY: 'off' } })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${file} failed\n${stdout}${stderr}`)
  }
}
