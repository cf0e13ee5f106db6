// A backend that asks the service who makes a request, and whether they may.
//
//   ONESEAT_URL=http://127.0.0.1:3000 npm start

import express from 'express'

const { PORT = '4000', ONESEAT_URL = 'http://127.0.0.1:3000' } = process.env
const app = express()

app.get('/orders', requireSession(), (request, response) => {
  response.json({ ordersOf: request.user.name })
})

app.get('/reports', requireSession('admin', 'editor'), (request, response) => {
  response.json({ reportsFor: request.user.name })
})

/** Lets a request pass whose session is live, and whose user has one of the roles, if any are named. */
function requireSession(...roles) {
  const question = new URL('/verify', ONESEAT_URL)
  for (const role of roles) question.searchParams.append('role', role)
  return async function requireSession(request, response, next) {
    const { cookie } = request.headers
    const answer = await fetch(question, {
      headers: cookie === undefined ? {} : { cookie },
      signal: AbortSignal.timeout(2_000),
    }).catch(() => null)
    if (answer === null) return response.sendStatus(503) // not 401: nobody is to throw a good cookie away
    if (answer.status !== 204) {
      // The body says why, such as session_replaced: pass it on.
      return response
        .status(answer.status)
        .type('application/problem+json')
        .send(await answer.text())
    }
    request.user = {
      id: answer.headers.get('x-user-id'),
      name: decodeURIComponent(answer.headers.get('x-user-name')),
      roles: answer.headers.get('x-user-roles').split(',').filter(Boolean).map(decodeURIComponent),
    }
    next()
  }
}

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`listening at http://127.0.0.1:${server.address().port}`)
})
