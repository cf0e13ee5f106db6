import t from 'tap'
import { requireNode } from '../../src/fastify/node-version.ts'

t.test('a Node.js that is too old is told so in one line', async (t) => {
  for (const version of ['18.20.0', '20.20.2', '22.17.1'])
    t.throws(() => requireNode(version), {
      message: /^oneseat: needs Node.js 22\.18 or later, [^\n]*\.$/,
    })
  for (const version of ['22.18.0', '23.6.0', '24.0.0']) requireNode(version)
})
