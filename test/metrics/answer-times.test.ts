import fc from 'fast-check'
import t from 'tap'
import { AnswerTimes, BOUNDS } from '../../src/metrics/answer-times.ts'

t.test('an answer counts where its time belongs, a bound with what is below it', async (t) => {
  const times = new AnswerTimes()
  for (const milliseconds of [0, 1, 1.001, 2.5, 10_000, 10_001, 1e9]) times.add('GET', 200, milliseconds)
  const [get, ...others] = times.all()
  t.match(get, { method: 'GET', status: 200 })
  t.strictSame(get?.counts, [2, 2, ...BOUNDS.slice(3).map(() => 0), 1, 2])
  t.equal(get?.seconds.toFixed(6), (0.004501 + 10 + 10.001 + 1e6).toFixed(6))
  t.strictSame(others, [])
})

t.test('methods and statuses count apart; those of no call together', async (t) => {
  const times = new AnswerTimes()
  for (const [method, status] of [
    ['GET', 200],
    ['GET', 401],
    ['POST', 200],
    ['PROPFIND', 405],
    ['PURGE', 405],
    ['', 405],
    ['OPTIONS', 204],
  ] as const)
    times.add(method, status, 5)
  t.strictSame(
    times.all().map(({ method, status, counts }) => [method, status, counts.reduce((a, b) => a + b)]),
    [
      ['GET', 200, 1],
      ['GET', 401, 1],
      ['POST', 200, 1],
      ['other', 405, 3],
      ['OPTIONS', 204, 1],
    ],
  )
})

t.test('whatever is added is told, once', async () => {
  const answer = fc.record({
    method: fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'other', 'TRACE'),
    status: fc.integer({ min: 100, max: 599 }),
    milliseconds: fc.double({ min: 0, max: 1e7, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(answer), (answers) => {
      const times = new AnswerTimes()
      for (const { method, status, milliseconds } of answers) times.add(method, status, milliseconds)
      const told = times.all().flatMap(({ counts }) => counts)
      return told.reduce((a, b) => a + b, 0) === answers.length
    }),
  )
})
