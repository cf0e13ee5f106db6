import { explainToPerson } from './cli/explain.ts'
import { loadDotEnv } from './dot-env.ts'
import { pointOutMisspelt } from './misspelt-settings.ts'
import { startService } from './service.ts'
import { readSettings } from './settings.ts'
import { welcome } from './welcome.ts'

/** The service as a process: settings from the environment, a welcome to whoever starts it for the first time. */
export async function run(): Promise<void> {
  try {
    loadDotEnv(process.env)
    pointOutMisspelt('oneseat', process.env, process.stderr)
    const settings = readSettings(process.env)
    const { url, isNew } = await startService(settings)
    if (isNew) process.stderr.write(welcome(url, settings))
  } catch (error) {
    process.stderr.write(`oneseat: ${explainToPerson(error)}\n`)
    process.exit(1)
  }
}
