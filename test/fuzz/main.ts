import { explore } from './explore.ts'
import { TARGETS } from './targets.ts'

/** `npm run fuzz -- SECONDS`: every target in turn, for that long all together; a minute by default. */
const seconds = Number(process.argv[2] ?? 60)
for (const target of TARGETS) {
  const end = performance.now() + (seconds * 1000) / TARGETS.length
  const { runs, corpus, branches } = await explore(target, end, Math.random)
  process.stdout.write(`${target.name}: ${runs} inputs, ${corpus} kept, ${branches} branches\n`)
}
