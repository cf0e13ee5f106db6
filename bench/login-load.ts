import { Agent, request } from 'node:http'
import { PASSWORD } from '../test/support/browser.ts'

// node bench/login-load.ts URL SECONDS NAME…: each user logs in again and again over a connection of their own. Prints how many
// logins a second were answered with 200, and which answers there were.

const [url = '', seconds = '', ...names] = process.argv.slice(2)
const codes: Record<string, number> = {}
const start = performance.now()
const end = start + Number(seconds) * 1000

await Promise.all(
  names.map(async (username) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (performance.now() < end) {
      const status = await login(agent, username)
      codes[status] = (codes[status] ?? 0) + 1
    }
    agent.destroy()
  }),
)
const rate = (codes['200'] ?? 0) / ((performance.now() - start) / 1000)
process.stdout.write(JSON.stringify({ rate, codes }))

function login(agent: Agent, username: string): Promise<number> {
  return new Promise((done, fail) => {
    const headers = { 'content-type': 'application/json' }
    const call = request(`${url}/login`, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => done(response.statusCode ?? 0))
    })
    call.on('error', fail).end(JSON.stringify({ username, password: PASSWORD }))
  })
}
