import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string
  private?: boolean
  bin: Record<string, string>
  exports: Record<string, string>
  files: string[]
}

t.test('what others may import is compiled from a file that is there', async (t) => {
  t.strictSame(Object.keys(manifest.exports), [
    ...['.', './core', './client', './client/react'],
    ...['./openapi.yaml', './package.json'],
  ])
  for (const [name, path] of Object.entries(manifest.exports)) {
    const source = path.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts')
    t.ok(existsSync(join(ROOT, source)), name)
  }
})

t.test(
  'the package has its program, its documents and what is compiled, and nothing else',
  async (t) => {
    t.notOk('private' in manifest)
    t.strictSame(manifest.bin, { oneseat: 'bin/oneseat.js' })
    t.strictSame(manifest.files, ['bin', 'dist', 'openapi.yaml'])
  },
)
