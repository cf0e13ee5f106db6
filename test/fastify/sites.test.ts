import t from 'tap'
import { registrableDomain, siteOf } from '../../src/fastify/sites.ts'

t.test('a site is the scheme and what somebody registered', async (t) => {
  for (const [origin, site] of [
    ['https://app.example.com', 'https://example.com'],
    ['https://app.example.com:8443', 'https://example.com'],
    ['http://app.example.com', 'http://example.com'],
    ['https://www.example.co.uk', 'https://example.co.uk'],
    ['https://ann.github.io', 'https://ann.github.io'],
    ['http://left.demo.localhost:3000', 'http://demo.localhost'],
    ['http://localhost:5173', 'http://localhost'],
    ['http://127.0.0.1:5173', 'http://127.0.0.1'],
    ['http://[::1]:5173', 'http://[::1]'],
  ] as const)
    t.equal(siteOf(origin), site)
})

t.test('what nobody can register is no domain', async (t) => {
  for (const host of ['com', 'co.uk', 'github.io', 'localhost', '127.0.0.1'])
    t.equal(registrableDomain(host), null, host)
})
