import cluster from 'node:cluster'
import { explainToPerson } from './cli/explain.ts'
import { loadDotEnv } from './dot-env.ts'
import { pointOutMisspelt } from './misspelt-settings.ts'
import { readSettings } from './settings.ts'
import { welcome } from './welcome.ts'
import { tellPrimary } from './workers/messages.ts'
import { keepWorkers } from './workers/primary.ts'

/** One process that serves, or a primary process that keeps several workers, each this program again. */
export async function run(): Promise<void> {
  try {
    await serve()
  } catch (error) {
    const reason = explainToPerson(error)
    if (cluster.isWorker) return tellPrimary({ oneseat: 'failed', reason }, () => process.exit(1))
    process.stderr.write(`oneseat: ${reason}\n`)
    process.exit(1)
  }
}

async function serve(): Promise<void> {
  loadDotEnv(process.env)
  if (cluster.isPrimary) pointOutMisspelt('oneseat', process.env, process.stderr)
  const settings = readSettings(process.env)
  if (settings.WORKERS > 1 && cluster.isPrimary) {
    const { url, isNew } = await keepWorkers(settings)
    if (isNew) process.stderr.write(welcome(url, settings))
    return
  }
  const { startService } = await import('./service.ts') // the primary process does without all of that
  const hello = await startService(settings)
  if (cluster.isWorker) tellPrimary({ oneseat: 'ready', ...hello })
  else if (hello.isNew) process.stderr.write(welcome(hello.url, settings))
}
