import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { describeDevice } from '../../src/fastify/device.ts'

function describe(agent: string | undefined, name?: string) {
  return describeDevice({ headers: { 'user-agent': agent } } as FastifyRequest, name)
}

t.test('a browser and its system are recognised by their User-Agent', async (t) => {
  const agents: Record<string, [os: string, browser: string]> = {
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36':
      ['Linux', 'Chrome'],
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0': [
      'macOS',
      'Firefox',
    ],
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1':
      ['iOS', 'Safari'],
  }
  for (const [agent, [os, browser]] of Object.entries(agents))
    t.strictSame(describe(agent), { name: null, os, browser })
})

t.test('a program is named by its first product', async (t) => {
  t.strictSame(describe('curl/8.5.0'), { name: null, os: null, browser: 'curl' })
  t.strictSame(describe('HTTPie'), { name: null, os: null, browser: 'HTTPie' })
})

t.test('the name that a device gives itself is kept beside', async (t) => {
  t.strictSame(describe('curl/8.5.0', 'laptop'), { name: 'laptop', os: null, browser: 'curl' })
  t.strictSame(describe(undefined, 'laptop'), { name: 'laptop', os: null, browser: null })
  t.strictSame(describe(''), { name: null, os: null, browser: null })
})

t.test('only printable text is taken over, and not much of it', async (t) => {
  t.strictSame(describe('\u00e9\u0007\u001b/1'), { name: null, os: null, browser: null })
  t.equal(describe(`${'x'.repeat(100)}/1`).browser, 'x'.repeat(32))
  t.equal(describe('x'.repeat(100_000)).browser, 'x'.repeat(32))
})
