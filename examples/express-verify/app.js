// A program with its own users, on Express. Oneseat keeps each of them on one device.
//
//   ONESEAT_URL=http://127.0.0.1:3000 ONESEAT_KEY=osk_… PORT=4000 npm start
//
// Oneseat runs with ACCOUNTS=external. Make the key with: oneseat keys add shop --scope sign-in

import { scryptSync, timingSafeEqual } from 'node:crypto'
import express from 'express'

const { PORT = '4000', ONESEAT_URL = 'http://127.0.0.1:3000', ONESEAT_KEY } = process.env
const scrypt = (password) => scryptSync(String(password), 'of this example', 32)
const USERS = {
  ann: { id: 'crm:17', name: 'Ann', roles: ['editor'], hash: scrypt('correct horse battery') },
  bob: { id: 'crm:18', name: 'Bob', roles: [], hash: scrypt('purple lanterns at noon') },
}

/** Lets a request pass if its session is live and its user has one of the roles. Without roles any user passes. */
function requireSession(...roles) {
  const query = new URLSearchParams(roles.map((role) => ['role', role]))
  return async function requireSession(request, response, next) {
    const { cookie = '' } = request.headers
    const [status, answer] = await ask(`/verify?${query}`, { headers: { cookie, accept: JSON_TYPE } })
    if (status !== 200) return response.status(status).json(answer) // it says why, such as session_replaced
    request.user = answer.user
    next()
  }
}

/** Tells Oneseat who has signed in, and sets the cookies in the browser. */
async function signIn({ id, name, roles }, request, response) {
  const { cookie: presented, 'user-agent': userAgent } = request.headers // the same browser replaces itself
  const [status, answer] = await ask('/sessions', {
    method: 'POST',
    headers: { authorization: `Bearer ${ONESEAT_KEY}`, 'content-type': JSON_TYPE },
    body: JSON.stringify({ user: { id, name, roles }, userAgent, ip: request.ip, presented }),
  })
  if (status !== 201) return response.status(status).json(answer)
  response.append('set-cookie', answer.setCookie).json({ replaced: answer.replaced })
}

/** Gives status and body. If there is no answer: 503 and not 401, so that no client throws a good cookie away. */
async function ask(path, init) {
  try {
    const answer = await fetch(ONESEAT_URL + path, { ...init, signal: AbortSignal.timeout(5_000) })
    return [answer.status, await answer.json()]
  } catch {
    return [503, { code: 'unavailable' }]
  }
}

const JSON_TYPE = 'application/json'

const app = express()
app.post('/login', express.json(), async (request, response) => {
  const { username, password } = request.body ?? {}
  const user = Object.hasOwn(USERS, username) ? USERS[username] : null
  if (user === null || !timingSafeEqual(scrypt(password), user.hash))
    return response.status(401).json({ code: 'invalid_credentials' })
  await signIn(user, request, response)
})
app.get('/orders', requireSession(), (request, response) => {
  response.json({ ordersOf: request.user.name })
})
app.get('/reports', requireSession('admin', 'editor'), (request, response) => {
  response.json({ reportsFor: request.user.name })
})

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`listening at http://127.0.0.1:${server.address().port}`)
})
