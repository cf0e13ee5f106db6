import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getIronSession } from 'iron-session'
import { ANSWER, announce, cookieOf } from './answer.ts'

/** iron-session: everything in an encrypted cookie, no store, and so no way to end a session. */
const options = {
  password: 'a secret that is long enough for the bench',
  cookieName: 'iron',
  cookieOptions: { secure: false },
}
const server = createServer(async (request, response) => {
  const session = await getIronSession<{ user?: object }>(request, response, options)
  if (request.url === '/login') {
    session.user = ANSWER.user
    await session.save()
    response.end('ok')
    return
  }
  response.statusCode = session.user === undefined ? 401 : 200
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.end(JSON.stringify(ANSWER))
})
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  announce(`${url}/me`, cookieOf(await fetch(`${url}/login`)))
})
