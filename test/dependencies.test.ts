import { readFileSync } from 'node:fs'
import t from 'tap'

const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
  string,
  Record<string, string>
>
const clients = JSON.parse(readFileSync('clients/package.json', 'utf8')) as {
  dependencies: Record<string, string>
}
const [, service = '', development = '', ofClients = ''] = readFileSync(
  'docs/dependencies.md',
  'utf8',
).split('\n## ')

t.test('docs/dependencies.md names every package of package.json, and no other', async (t) => {
  t.same(packagesIn(service), Object.keys(dependencies ?? {}).sort())
  t.same(packagesIn(development), Object.keys(devDependencies ?? {}).sort())
  t.same(packagesIn(ofClients), Object.keys(clients.dependencies).sort())
})

t.test('versions are exact, so that what was tested is what is installed', async (t) => {
  for (const [name, version] of Object.entries({
    ...dependencies,
    ...devDependencies,
    ...clients.dependencies,
  })) {
    t.match(version, /^\d+\.\d+\.\d+$/, name)
  }
})

function packagesIn(section: string): string[] {
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name ?? '').sort()
}
