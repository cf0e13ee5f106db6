#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { keepTickShape } from './http/tick-shape.ts'

// The command `oneseat`. Node.js keeps what it compiles for the next start. The place is inside `node_modules`, because whoever
// can write there can change the program anyway. If this process cannot write there, nothing is kept.
const PACKAGE = new URL(import.meta.resolve('oneseat/package.json')) // also found from the compiled files
enableCompileCache(fileURLToPath(new URL('node_modules/.cache/oneseat', PACKAGE)))

const USAGE = `Oneseat: one account, one device.

  oneseat serve
      Serves the API. Settings come from the environment or a file .env; README lists them.
  oneseat users …
      Accounts: add, password, reset-link, roles, rename, disable, delete, why … See oneseat users --help.
  oneseat keys …
      Keys for your own backends: add, list, revoke. See oneseat keys --help.
  oneseat webhooks list, oneseat webhooks retry ID
      Webhooks and mails that could not be delivered. See oneseat webhooks --help.
  oneseat backup FILE
      Copies the SQLite file as it is at one moment, also while the service runs.
  oneseat --help, oneseat --version
`

const [command = '--help', ...rest] = process.argv.slice(2)
if (command === 'serve' && rest.length === 0) {
  keepTickShape()
  const { serve } = await import('./server.ts')
  await serve()
} else if (command === 'users') {
  const { runUsers } = await import('./cli/run-users.ts')
  await runUsers(rest)
} else if (command === 'keys') {
  const { runKeys } = await import('./cli/run-keys.ts')
  await runKeys(rest)
} else if (command === 'webhooks') {
  const { runWebhooks } = await import('./cli/run-webhooks.ts')
  await runWebhooks(rest)
} else if (command === 'backup' && !rest.includes('--help') && !rest.includes('-h')) {
  const { runBackup } = await import('./cli/run-backup.ts')
  await runBackup(rest)
} else if (process.argv.includes('--version')) {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8'))
  process.stdout.write(`${version}\n`)
} else if (process.argv.includes('--help') || process.argv.includes('-h') || command === '--help') {
  process.stdout.write(USAGE)
} else {
  process.stderr.write(`oneseat: there is no command ${[command, ...rest].join(' ')}\n\n${USAGE}`)
  process.exitCode = 2
}
