import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { keepTickShape } from './tick-shape.ts'

// The program starts here. What Node compiled is kept for the next start, inside `node_modules`: who can write there can change
// the program anyway. Where this process cannot, nothing is kept.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/oneseat'))
keepTickShape()
const { run } = await import('./program.ts')
await run()
