import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const HERE = import.meta.dirname
const document = '../../openapi.yaml'

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

export async function runHere(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(join(HERE, 'node_modules/.bin', command), [...args], { cwd: HERE })
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} failed\n${stdout}${stderr}`)
  }
}
