import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { withoutTap } from './support/children.ts'

const ROOT = join(import.meta.dirname, '..')
const { dependencies, optionalDependencies } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
) as Record<'dependencies' | 'optionalDependencies', Record<string, string>>

/** Packages in `dependencies` that the plugin loads only if its options ask for them, or never. */
const NOT_AT_FIRST = ['better-sqlite3', 'pg', 'ioredis']
const ONLY_THE_SERVICE = [...Object.keys(optionalDependencies), 'fastify', 'pino']

t.test('the plugin loads no package that only the service needs', async (t) => {
  const loaded = packagesLoadedBy("await import('./src/index.ts')")
  for (const name of [...ONLY_THE_SERVICE, ...NOT_AT_FIRST]) t.notOk(loaded.has(name), name)
  t.strictSame(
    [...loaded].filter((name) => name in dependencies).sort(),
    [
      '@fastify/cookie',
      '@sinclair/typebox',
      'ajv',
      'bowser',
      'cookie',
      'fast-json-stringify',
      'fastify-plugin',
      'kysely',
      'tldts',
    ],
    'only these of ours',
  )
})

t.test('and of databases the one that its options name', async (t) => {
  const loaded = packagesLoadedBy(`
    const { default: Fastify } = await import('fastify')
    const { oneseat } = await import('./src/index.ts')
    const app = Fastify()
    await app.register(oneseat, { secrets: ['a secret of the tests that is long enough'], database: 'file::memory:' })
    await app.close()`)
  for (const name of ['better-sqlite3', 'kysely']) t.ok(loaded.has(name), name)
  for (const name of ['pg', 'ioredis', ...Object.keys(optionalDependencies)])
    t.notOk(loaded.has(name), name)
})

t.test('the core without Fastify loads nothing of Fastify', async (t) => {
  const loaded = packagesLoadedBy(`
    const { createSessions, sqliteStore } = await import('./src/stores/core.ts')
    const stores = await sqliteStore('file::memory:')
    createSessions({ ...stores, secrets: ['a secret of the tests that is long enough'] })
    await stores.close()`)
  t.strictSame(
    [...loaded].filter((name) => /fastify|pg|ioredis/.test(name)),
    [],
  )
  t.ok(loaded.has('better-sqlite3'))
})

/** The packages of which a program loads any file. */
function packagesLoadedBy(program: string): Set<string> {
  const code = `
    import { registerHooks } from 'node:module'
    const packages = new Set()
    registerHooks({
      load(url, context, next) {
        const name = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url)?.[1]
        if (name !== undefined) packages.add(name)
        return next(url, context)
      },
    })
    ${program}
    process.stdout.write(JSON.stringify([...packages]))`
  const [command, args] = withoutTap(process.execPath, ['--input-type=module', '-e', code])
  return new Set(JSON.parse(execFileSync(command, args, { cwd: ROOT, encoding: 'utf8' })) as string[])
}
