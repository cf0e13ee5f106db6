import { Type } from '@sinclair/typebox'
import t from 'tap'
import { Problem } from '../../schemas/problem.ts'
import { codesOf, NOT_SIGNED_IN, refusals, withCommonRefusals } from '../../src/http/refusals.ts'

type Responses = Record<string, object>

t.test('refusals stand by status, each narrowed to its codes', async (t) => {
  const given = refusals('not_found', 'last_admin', 'username_taken')
  t.same(codesByStatus(given), { 404: ['not_found'], 409: ['last_admin', 'username_taken'] })
})

t.test('what a scope and a schema refuse is added to what a route names', async (t) => {
  const route = {
    body: Type.Object({}),
    response: { 200: Type.String(), ...refusals('invalid_credentials', 'overloaded') },
  }
  t.same(codesByStatus(withCommonRefusals(route, 'public').response as Responses), {
    400: ['malformed_json', 'invalid_request'],
    401: ['invalid_credentials'],
    503: ['overloaded'],
  })
  t.same(codesByStatus(withCommonRefusals(route, 'admin').response as Responses), {
    400: ['malformed_json', 'invalid_request', 'ambiguous_credentials'],
    401: [...NOT_SIGNED_IN, 'invalid_key', 'invalid_credentials'],
    403: ['token_in_browser', 'forbidden'],
    429: ['too_many_attempts'],
    503: ['store_unavailable', 'overloaded'],
  })
})

t.test('a route in two scopes, one in the other, has the refusals of both, once', async (t) => {
  const outer = withCommonRefusals({ params: Type.Object({}) }, 'session')
  t.same(codesByStatus(withCommonRefusals(outer, 'admin').response as Responses), {
    400: ['invalid_request', 'ambiguous_credentials'],
    401: [...NOT_SIGNED_IN, 'invalid_key'],
    403: ['token_in_browser', 'forbidden'],
    429: ['too_many_attempts'],
    503: ['store_unavailable'],
  })
})

t.test('further hooks of a scope refuse what their scope says', async (t) => {
  const { response } = withCommonRefusals({}, 'session', ['password_change_required'])
  t.same(codesByStatus(response as Responses)[403], ['password_change_required'])
})

t.test('a route that the document does not show is left as it is', async (t) => {
  const hidden = { hide: true }
  t.equal(withCommonRefusals(hidden, 'session'), hidden)
})

t.test('a problem that is not narrowed has no codes', async (t) => {
  t.same(codesOf(Problem), [])
  t.same(codesOf(undefined), [])
})

function codesByStatus(responses: Responses): Responses {
  const refused = Object.entries(responses).filter(([status]) => Number(status) >= 400)
  return Object.fromEntries(refused.map(([status, schema]) => [status, codesOf(schema)]))
}
