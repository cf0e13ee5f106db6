import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'

/**
 * Runs test files one after another in this process. What a file imports as `tap` is a test of its own, which ends, with
 * all that it tears down, before the next file is loaded.
 */
export function runTogether(files: readonly string[]): void {
  giveEachItsTest()
  const timeout = Number(process.env['TAP_TIMEOUT'] ?? 120) * 1000 // for a file, as if it ran alone
  t.setTimeout(files.length * timeout)
  for (const file of files) {
    t.test(file, { timeout }, async (t) => {
      const { href } = pathToFileURL(join(ROOT, file))
      running.set(href, t)
      await import(href)
    })
  }
}

const running = new Map<string, Test>()

export function testOf(href: string): Test | undefined {
  return running.get(href)
}

function giveEachItsTest(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== 'tap' || !running.has(context.parentURL ?? '')) return next(specifier, context)
      return { url: `${OWN}${context.parentURL}`, shortCircuit: true }
    },
    load(url, context, next) {
      if (!url.startsWith(OWN)) return next(url, context)
      const source = `import { testOf } from '${import.meta.url}'; export default testOf('${url.slice(OWN.length)}')`
      return { format: 'module', source, shortCircuit: true }
    },
  })
}

const OWN = 'tap-of:'
const ROOT = join(import.meta.dirname, '..')
