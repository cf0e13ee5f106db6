import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getIronSession } from 'iron-session'
import { ANSWER, announce, cookieOf, IDLE_TIMEOUT } from './answer.ts'

/** iron-session: everything in an encrypted cookie, no store, and so no way to end a session. */
const options = {
  password: 'a secret that is long enough for the bench',
  cookieName: 'iron',
  cookieOptions: { secure: false },
  ttl: IDLE_TIMEOUT / 1000,
}
const server = createServer(async (request, response) => {
  const session = await getIronSession<{ signedIn?: typeof ANSWER }>(request, response, options)
  if (request.url === '/login') {
    session.signedIn = ANSWER
    await session.save()
    response.end('ok')
    return
  }
  response.statusCode = session.signedIn === undefined ? 401 : 200
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.end(JSON.stringify(session.signedIn))
})
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  announce(`${url}/me`, [cookieOf(await fetch(`${url}/login`))])
})
