import { readFileSync } from 'node:fs'
import t from 'tap'

const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
  readFileSync('package.json', 'utf8'),
) as Record<string, Record<string, string>>
const clients = JSON.parse(readFileSync('clients/package.json', 'utf8')) as {
  dependencies: Record<string, string>
}
const [, plugin = '', service = '', development = '', ofClients = ''] = readFileSync(
  'docs/dependencies.md',
  'utf8',
).split('\n## ')

t.test('docs/dependencies.md names every package of package.json, and no other', async (t) => {
  t.same(packagesIn(plugin), Object.keys(dependencies ?? {}).sort())
  t.same(packagesIn(service), Object.keys(optionalDependencies ?? {}).sort())
  t.same(packagesIn(development), Object.keys(devDependencies ?? {}).sort())
  t.same(packagesIn(ofClients), Object.keys(clients.dependencies).sort())
})

t.test('versions are exact, so that what was tested is what is installed', async (t) => {
  const all = {
    ...dependencies,
    ...optionalDependencies,
    ...devDependencies,
    ...clients.dependencies,
  }
  for (const [name, version] of Object.entries(all)) {
    t.match(version, SHARED.includes(name) ? /^\^\d+\.\d+\.\d+$/ : /^\d+\.\d+\.\d+$/, name)
  }
})

/** What an app has as well as we do. It shall have one of each, or their types are not the same; the lock file is exact. */
const SHARED = ['fastify', 'ioredis']

function packagesIn(section: string): string[] {
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name ?? '').sort()
}
