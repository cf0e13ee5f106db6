import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '../..')

t.test('docs/plugin.md has every option, and no other', async (t) => {
  const document = readFileSync(join(ROOT, 'docs/plugin.md'), 'utf8').split('## What it adds')[0] ?? ''
  const documented = [...document.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  t.strictSame(
    documented.sort(),
    [...optionsIn('src/fastify/options.ts'), ...optionsIn('src/sessions/options.ts')].sort(),
  )
})

/** The members of the type of options in a file. */
function optionsIn(file: string): (string | undefined)[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const [type = ''] = /export type \w*Options = .*?^\}/ms.exec(text) ?? []
  return [...type.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name)
}
