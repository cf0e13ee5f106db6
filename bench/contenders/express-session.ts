import type { AddressInfo } from 'node:net'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { createClient } from 'redis'
import { ANSWER, announce, cookieOf, IDLE_TIMEOUT } from './answer.ts'

declare module 'express-session' {
  interface SessionData {
    signedIn: typeof ANSWER
  }
}

/** Express with express-session and connect-redis. */
const client = await createClient({ url: process.env['REDIS_URL'] as string }).connect()
const app = express()
app.use(
  session({
    secret: 'a secret that is long enough for the bench',
    cookie: { maxAge: IDLE_TIMEOUT },
    resave: false,
    saveUninitialized: false,
    store: new RedisStore({ client }),
  }),
)
app.post('/login', (request, response) => {
  request.session.signedIn = ANSWER
  response.send('ok')
})
app.get('/me', (request, response) => {
  const { signedIn } = request.session
  if (signedIn === undefined) response.sendStatus(401)
  else response.json(signedIn)
})
const server = app.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  announce(`${url}/me`, [cookieOf(await fetch(`${url}/login`, { method: 'POST' }))])
})
