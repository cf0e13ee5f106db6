import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'

/**
 * Makes one file of each package that comes in hundreds of them, and returns the argument that has Node take it. Finding and
 * linking the small files is a third of the time in which the service loads, and the tests load it in hundreds of processes.
 */
export async function gluePackages(root: string, directory: string): Promise<string> {
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      target: 'esnext',
      minify: false,
      outDir: directory,
      emptyOutDir: false,
      rolldownOptions: {
        input: Object.fromEntries(PACKAGES.map((name) => [name, name])),
        output: { format: 'es', entryFileNames: GLUED, chunkFileNames: GLUED },
      },
    },
  })
  const glued = PACKAGES.map((name) => [
    name,
    pathToFileURL(join(directory, GLUED.replace('[name]', name))),
  ])
  const hook = join(directory, 'hook.mjs')
  writeFileSync(hook, hookFor(Object.fromEntries(glued)))
  return `--import=${pathToFileURL(hook)}`
}

function hookFor(glued: Record<string, string>): string {
  return `import { registerHooks } from 'node:module'

const glued = new Map(Object.entries(${JSON.stringify(glued)}))
registerHooks({
  resolve(specifier, context, next) {
    const url = context.conditions.includes('import') ? glued.get(specifier) : undefined
    return url === undefined ? next(specifier, context) : { url, format: 'module', shortCircuit: true }
  },
})
`
}

/** Below `node_modules`, as what comes from packages is: no lines of it are counted. */
const GLUED = 'node_modules/[name]/glued.mjs'

const PACKAGES = ['@sinclair/typebox', '@sinclair/typebox/value', 'kysely', 'kysely/migration']
