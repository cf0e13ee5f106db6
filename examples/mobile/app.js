// Stands for an app on a phone. It has no cookies, but a token that only the app can read. Commands:
//
//   node app.js sign-in ann       with the password in the variable PASSWORD
//   node app.js                   shows who is signed in, and waits until the session ends
//   node app.js not-me            after another device signed in: ends the session there
//   node app.js change-password   from PASSWORD to NEW_PASSWORD

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createClient } from 'oneseat/client'

const { ONESEAT_URL = 'http://127.0.0.1:3000', PASSWORD, NEW_PASSWORD } = process.env
const { KEYCHAIN = './keychain.json' } = process.env
const [command = 'open', username] = process.argv.slice(2)

/** What the app stores while it is closed. On a phone this is the keychain, which no other app can read. */
let kept = existsSync(KEYCHAIN) ? JSON.parse(readFileSync(KEYCHAIN, 'utf8')) : {}

/** Sends the token with each request, and stores a new token from an answer. */
async function sendWithToken(url, init) {
  const headers = new Headers(init.headers)
  if (kept.token !== undefined) headers.set('authorization', `Bearer ${kept.token}`)
  const response = await fetch(url, { ...init, headers })
  if (response.status === 200 && /\/(login|me\/password)$/.test(url)) {
    const { token, deviceToken } = await response.clone().json()
    kept = { token, deviceToken }
    writeFileSync(KEYCHAIN, JSON.stringify(kept), { mode: 0o600 })
  }
  return response
}

// The client tries again after 429 and 503, never before `Retry-After`. It never signs in by itself, and an app must not either.
const client = createClient({ baseUrl: ONESEAT_URL, fetch: sendWithToken })

async function signIn() {
  const { deviceToken } = kept // with it the app counts as known where guessing is slowed down
  await client.login({ username, password: PASSWORD, device: 'Phone', transport: 'token', deviceToken })
  await open()
}

async function open() {
  client.onSignedOut((reason) => {
    say(reason.message)
    if (reason.code === 'session_replaced') say('If that was not you: node app.js not-me')
    client.close()
  })
  try {
    const { user } = await client.me()
    say(`Signed in as ${user.username}.`)
    if (user.mustChangePassword) say('Choose another password: node app.js change-password')
  } catch (error) {
    if (error.status !== 401) throw error
    if (error.code === 'unauthenticated')
      say('Nobody is signed in. To sign in: node app.js sign-in NAME')
  }
}

async function dispute() {
  await client.dispute()
  say('That device is signed out. Sign in and choose another password.')
}

async function changePassword() {
  await client.changePassword({ currentPassword: PASSWORD, newPassword: NEW_PASSWORD })
  say('Changed. Other devices are signed out.')
}

function say(text) {
  process.stdout.write(`${text}\n`)
}

const commands = { 'sign-in': signIn, open, 'not-me': dispute, 'change-password': changePassword }
try {
  await commands[command]()
} catch (error) {
  say(error.message)
  client.close()
  process.exitCode = 1
}
