import { spawn } from 'node:child_process'
import closeWithGrace from 'close-with-grace'
import { explainToPerson } from '../../src/cli/explain.ts'
import { startDemo } from './start-demo.ts'

const OPENERS: Record<string, string[]> = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }

/** Runs a service and a page with two phones; all data is gone when this ends (`npm run demo`). */
try {
  const { app, url } = await startDemo({ port: process.env['PORT'] ?? '3000' })
  closeWithGrace({ delay: 5_000 }, async () => {
    await app.close()
  })
  process.stdout.write(`\nOpen ${url} and sign in on both phones. Ctrl+C ends it.\n\n`)
  if (process.stdout.isTTY) open(url)
} catch (error) {
  process.stderr.write(`demo: ${explainToPerson(error)}\nPORT=0 takes a port that is free.\n`)
  process.exit(1)
}

/** Opens the address in a browser, if there is one. The address is printed in any case. */
function open(address: string): void {
  const [command = '', ...args] = OPENERS[process.platform] ?? ['xdg-open']
  spawn(command, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}
