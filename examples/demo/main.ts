import { spawn } from 'node:child_process'
import closeWithGrace from 'close-with-grace'
import { explainToPerson } from '../../src/cli/explain.ts'
import { startDemo } from './start-demo.ts'

const OPENERS: Record<string, string[]> = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }

/** Two phones on one page, over a service that is gone when this ends (`npm run demo`). */
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

/** Opens the browser of whoever sits in front of this; where there is none, the address is there to be copied. */
function open(address: string): void {
  const [command = '', ...args] = OPENERS[process.platform] ?? ['xdg-open']
  spawn(command, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}
