import { readFileSync, writeFileSync } from 'node:fs'
import { describeApi } from './describe-api.ts'

/** Writes `openapi.yaml` as the routes are now (`npm run openapi`). */
const path = new URL('../openapi.yaml', import.meta.url)
const document = await describeApi()
const changed = document !== readFileSync(path, 'utf8')
if (changed) writeFileSync(path, document)
process.stdout.write(changed ? 'openapi.yaml: written\n' : 'openapi.yaml: up to date\n')
