import { readFileSync, writeFileSync } from 'node:fs'
import { TABLES, type TableName, withTable } from './tables.ts'

/** Brings the tables in the documents up to date with the code (`npm run docs`). */
for (const [name, { file }] of Object.entries(TABLES)) {
  const path = new URL(`../${file}`, import.meta.url)
  const before = readFileSync(path, 'utf8')
  const after = withTable(before, name as TableName)
  if (after !== before) writeFileSync(path, after)
  process.stdout.write(`${file}: ${name} ${after === before ? 'up to date' : 'written'}\n`)
}
