import { execFileSync } from 'node:child_process'
import t from 'tap'
import { requireNode } from '../../src/stores/node-version.ts'
import { withoutTap } from '../support/children.ts'

t.test('a Node.js that is too old is told so in one line', async (t) => {
  for (const version of ['18.20.0', '20.20.2', '22.17.1'])
    t.throws(() => requireNode(version), {
      message: /^oneseat: needs Node.js 22\.18 or later, [^\n]*\.$/,
    })
  for (const version of ['22.18.0', '23.6.0', '24.0.0']) requireNode(version)
})

t.test(
  'it is read so far that it can say so: importing the package calls nothing of a newer Node.js',
  async () => {
    const index = new URL('../../src/index.ts', import.meta.url).href
    const program = `delete Map.groupBy; delete Object.groupBy; delete Promise.withResolvers
    await import(${JSON.stringify(index)})`
    execFileSync(...withoutTap(process.execPath, ['--input-type=module', '-e', program]))
  },
)
