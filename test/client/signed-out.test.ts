import t from 'tap'
import type { ProblemBody } from '../../src/client/api-error.ts'
import { signedOutBy } from '../../src/client/signed-out.ts'
import { END_REASONS } from '../../src/sessions/record.ts'

const told = (code: string, members: object = {}) =>
  signedOutBy({ code, status: 401, title: '', detail: '', ...members } as ProblemBody)

t.test('there is a sentence for every reason', async (t) => {
  const sentences = [...END_REASONS, 'unauthenticated'].map((code) => told(code)?.message)
  for (const sentence of sentences) t.match(sentence, /^[A-Z].*\.$/)
  t.equal(new Set(sentences).size, sentences.length)
})

t.test('a wrong password says nothing of the session', async (t) => {
  for (const code of ['invalid_credentials', 'forbidden', 'store_unavailable']) t.equal(told(code), null)
})

t.test('who was replaced is told by what and when', async (t) => {
  const by = (device: object) =>
    told('session_replaced', {
      replacedBy: { device, ip: '203.0.113.0/24', at: '2026-11-27T09:30:00.000Z' },
    })?.message
  t.match(
    by({ name: 'phone', os: 'iOS', browser: 'Safari' }),
    /^Your account was signed in on phone \(Safari, iOS\) at .*:30.*, so you were signed out here\.$/,
  )
  t.match(by({ name: null, os: 'iOS', browser: null }), /on iOS at/)
  t.match(by({ name: 'phone', os: null, browser: null }), /on phone at/)
  t.match(by({ name: null, os: null, browser: null }), /on another device at/)
})
