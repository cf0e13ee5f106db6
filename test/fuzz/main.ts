import './instrument.ts'

/**
 * `npm run fuzz -- SECONDS`: every target in turn, for that long all together, a minute by default. Ends with 1 when it has
 * found something. `test/fuzz/fuzz.test.ts` gives it targets of its own.
 */
const [seconds = '60', file = './all.ts'] = process.argv.slice(2)
const { explore } = await import('./explore.ts')
const { groups }: typeof import('./all.ts') = await import(file)

for (const open of groups) {
  const { targets, close } = await open()
  for (const target of targets) {
    const share = (Number(seconds) * 1000) / groups.length / targets.length
    try {
      const { runs, kept, branches } = await explore(target, performance.now() + share, Math.random)
      process.stdout.write(`${target.name}: ${runs} inputs, ${kept} kept, ${branches} branches\n`)
    } catch (error) {
      const { message, cause } = error as Error
      process.stdout.write(`${message}\n${(cause as Error).stack}\n`)
      process.exitCode = 1
    }
  }
  await close()
}
