import t from 'tap'
import { countAnswer, openAnswerTimes } from '../../src/metrics/answer-times.ts'

t.test('an answer counts where its time belongs, a bound with what is below it', async (t) => {
  const times = openAnswerTimes()
  for (const milliseconds of [0, 1, 1.001, 2.5, 10_000, 10_001, 1e9])
    countAnswer(times, { method: 'GET', route: '/me', status: 200 }, milliseconds)
  const { values } = await times.get()
  t.ok(values.every(({ labels }) => labels.method === 'GET' && labels.route === '/me'))
  const bucket = (le: number | string) =>
    values.find(({ labels }) => 'le' in labels && labels.le === le)?.value
  t.strictSame([0.001, 0.0025, 1, 10, '+Inf'].map(bucket), [2, 4, 4, 5, 7])
  const sum = values.find(({ metricName }) => metricName?.endsWith('_sum'))?.value
  t.equal(sum?.toFixed(6), (0.004501 + 10 + 10.001 + 1e6).toFixed(6))
})

t.test('methods, routes and statuses count apart; methods of no call together', async (t) => {
  const times = openAnswerTimes()
  for (const [method, route, status] of [
    ['GET', '/me', 200],
    ['GET', '/me', 401],
    ['GET', '/docs', 200],
    ['POST', '/login', 200],
    ['PROPFIND', '/me', 405],
    ['PURGE', '/me', 405],
    ['', '/me', 405],
    ['OPTIONS', '', 404],
  ] as const)
    countAnswer(times, { method, route, status }, 5)
  const counts = (await times.get()).values.filter(({ metricName }) => metricName?.endsWith('_count'))
  t.strictSame(
    counts.map(({ labels, value }) => [labels.method, labels.route, labels.status, value]),
    [
      ['GET', '/me', 200, 1],
      ['GET', '/me', 401, 1],
      ['GET', '/docs', 200, 1],
      ['POST', '/login', 200, 1],
      ['other', '/me', 405, 3],
      ['OPTIONS', '', 404, 1],
    ],
  )
})

t.test('no registry has them by itself', async (t) => {
  openAnswerTimes()
  t.doesNotThrow(openAnswerTimes, 'a second one of the name')
})
