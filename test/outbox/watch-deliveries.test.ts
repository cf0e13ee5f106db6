import t from 'tap'
import { openAnswerTimes } from '../../src/metrics/answer-times.ts'
import { openMetrics } from '../../src/metrics/metrics.ts'
import { watchDeliveries } from '../../src/outbox/watch-deliveries.ts'

t.test('the log and the metrics have each attempt, and never what was in it', async (t) => {
  const lines: [string, Record<string, unknown>, string][] = []
  const to = (level: string) => (line: Record<string, unknown>, text: string) =>
    void lines.push([level, line, text])
  const log = { info: to('info'), warn: to('warn'), error: to('error') } as never
  const hashes = () => ({ running: 0, waiting: 0 })
  const metrics = openMetrics({ answerTimes: openAnswerTimes(), hashes })
  const watch = watchDeliveries({ log, metrics })
  const about = { kind: 'webhook', type: 'login', userId: 'ann', id: 'm', attempt: 2 } as const
  const message = { ...about, body: 'a token', seq: 1 }
  const away = { what: 'unavailable', kind: 'mail', error: new Error('away') } as const

  watch({ what: 'counted', kind: 'webhook', waiting: 3, dead: 1 })
  watch({ what: 'sent', message })
  watch({ what: 'failed', message, error: 'answered 500', pause: 20_000 })
  watch({ what: 'dead', message, error: 'answered 500', pause: 20_000 })
  watch(away)
  watch(away)
  watch({ what: 'counted', kind: 'webhook', waiting: 2, dead: 1 })
  watch(away)

  t.match(lines, [
    [
      'info',
      { event: 'message_sent', kind: 'webhook', id: 'm', type: 'login', userId: 'ann', attempt: 2 },
    ],
    ['warn', { event: 'message_failed', reason: 'answered 500', pause: 20_000 }],
    ['error', { event: 'message_dead', reason: 'answered 500' }, /oneseat webhooks/],
    ['warn', { event: 'outbox_unavailable' }],
    ['warn', { event: 'outbox_unavailable' }],
  ])
  t.equal(lines.length, 5, 'that the database is away is told once')
  t.notMatch(JSON.stringify(lines), /a token/)
  const text = await metrics.text()
  t.match(text, /^oneseat_outbox_messages\{kind="webhook",state="waiting"\} 2$/m)
  t.match(text, /^oneseat_outbox_messages\{kind="webhook",state="dead"\} 1$/m)
  for (const outcome of ['sent', 'failed', 'dead'])
    t.match(
      text,
      new RegExp(`^oneseat_deliveries_total\\{kind="webhook",outcome="${outcome}"\\} 1$`, 'm'),
    )
})
