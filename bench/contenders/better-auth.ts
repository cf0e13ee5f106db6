import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { toNodeHandler } from 'better-auth/node'
import { announce, cookieOf } from './answer.ts'

/** better-auth over its in-memory adapter, the fastest store it has; GET get-session, with its own answer. */
const tables = { user: [], session: [], account: [], verification: [] }
const auth = betterAuth({
  baseURL: 'http://127.0.0.1',
  secret: 'a secret that is long enough for the bench',
  database: memoryAdapter(tables),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  trustedOrigins: ['http://127.0.0.1'],
})
const server = createServer(toNodeHandler(auth))
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/auth`
  const signUp = await fetch(`${url}/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'http://127.0.0.1' },
    body: JSON.stringify({ email: 'ann@example.test', password: 'correct horse battery', name: 'ann' }),
  })
  announce(`${url}/get-session`, [cookieOf(signUp)])
})
