import t from 'tap'
import { ApiError, errorOf, isProblem, unreachable } from '../../src/client/api-error.ts'
import type { SignedOut } from '../../src/client/signed-out.ts'
import { problem, Refusal } from '../../src/errors.ts'

t.test('an error has the code, the status and the members of the problem', async (t) => {
  const replacedBy = { device: { name: 'phone', os: null, browser: null }, ip: '::/48', at: 'now' }
  const body = problem(new Refusal('session_replaced', { members: { replacedBy } }))
  const error = await errorOf(Response.json(body, { status: 401 }), null)
  t.ok(error instanceof ApiError && error instanceof Error)
  t.equal(error.name, 'ApiError')
  t.match(error, { code: 'session_replaced', status: 401, title: body.title, message: body.detail })
  if (error.code === 'session_replaced') t.equal(error.replacedBy.device.name, 'phone')
})

t.test('what is not from the API is an error of its own', async (t) => {
  const page = await errorOf(new Response('<h1>Bad gateway</h1>', { status: 502 }), 3000)
  t.match(page, { code: 'unexpected_answer', status: 502, retryAfter: 3000 })
  const away = unreachable(new TypeError('fetch failed'))
  t.match(away, { code: 'unreachable', status: 0, cause: { message: 'fetch failed' } })
  for (const body of [null, 'text', {}, { code: 'x' }]) t.notOk(isProblem(body))
})

t.test('a misspelt code does not compile, nor a member of another code', async (t) => {
  t.type(onlyChecked, 'function', 'the compiler tests it')
})

function onlyChecked(error: ApiError, reason: SignedOut): unknown[] {
  const read: unknown[] = []
  if (error.code === 'session_replaced') read.push(error.replacedBy.device.name, error.replacedBy.at)
  if (error.code === 'session_limit_reached') read.push(error.sessions[0]?.id)
  if (error.code === 'invalid_request') read.push(error.errors[0]?.path)
  // @ts-expect-error misspelt
  if (error.code === 'sesion_replaced') read.push()
  // @ts-expect-error of another code
  if (error.code === 'logged_out') read.push(error.replacedBy)
  if (reason.code === 'session_replaced') read.push(reason.replacedBy.ip)
  // @ts-expect-error no reason to be signed out
  if (reason.code === 'invalid_credentials') read.push()
  return read
}
