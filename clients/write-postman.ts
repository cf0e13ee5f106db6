import { writeFile } from 'node:fs/promises'
import { makeCollection } from './postman.ts'

/** Writes the Postman collection of `openapi.yaml` (`npm run postman`). */
await writeFile(new URL('../docs/oneseat.postman.json', import.meta.url), await makeCollection())
