import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import t from 'tap'
import { createClient } from '../../src/client/client.ts'
import { useSession } from '../../src/client/react.ts'

// `test/examples/spa.test.ts` has it in a browser.
t.test('on a server nothing is known yet', async (t) => {
  const client = createClient({ baseUrl: 'http://127.0.0.1:1' })
  const Page = () => useSession(client).status
  t.equal(renderToStaticMarkup(createElement(Page)), 'loading')
})
