import t from 'tap'
import { openAnswerTimes } from '../../src/metrics/answer-times.ts'
import { openMetrics } from '../../src/metrics/metrics.ts'
import type { EndedSession, LiveSession } from '../../src/sessions/record.ts'
import { auditExpired, auditTo } from '../../src/timeline/audit.ts'
import type { TimelineEvent } from '../../src/timeline/timeline.ts'

const SESSION: LiveSession = {
  id: 'public-id',
  secretHash: 'h'.repeat(43),
  epoch: 1,
  device: { name: 'laptop', os: 'Linux', browser: 'Firefox' },
  ip: '203.0.113.7',
  createdAt: 0,
  lastSeenAt: 0,
  idleExpiresAt: 10,
  expiresAt: 20,
}
const BY = {
  sessionId: 'newer',
  device: { name: 'phone', os: null, browser: null },
  ip: '::/48',
  at: 5,
}

t.test(
  'an event is one log line with the address, and one on the timeline with it masked',
  async (t) => {
    const { audit, scene, lines, events } = open()
    audit.record(scene, { type: 'login', userId: 'u', session: SESSION })
    audit.record(scene, { type: 'login_failed', userId: 'u' })
    t.strictSame(lines, [
      { event: 'login', userId: 'u', sessionId: 'public-id', ip: '198.51.100.9', by: undefined },
      { event: 'login_failed', userId: 'u', sessionId: undefined, ip: '198.51.100.9', by: undefined },
    ])
    const common = { userId: 'u', at: 1000, by: null }
    const { device } = SESSION
    t.strictSame(events, [
      { ...common, type: 'login', sessionId: 'public-id', device, ip: '203.0.113.0/24' },
      { ...common, type: 'login_failed', sessionId: null, device: null, ip: '198.51.100.0/24' },
    ])
  },
)

t.test('a session that expired did so at its deadline, and one above a lowered limit now', async (t) => {
  const { audit, scene, events } = open()
  const tell = auditExpired(audit, scene.log)
  const ended: EndedSession = {
    ...{ id: SESSION.id, hashPrefix: 'h'.repeat(22), reason: 'session_idle', at: 10 },
    ...{ number: 1, life: 10, replacedBy: null },
  }
  tell('u', SESSION, ended)
  tell('u', SESSION, { ...ended, reason: 'session_replaced', at: 5, replacedBy: BY })
  t.match(events, [
    { type: 'session_idle', at: 10, sessionId: 'public-id', by: null },
    {
      type: 'session_replaced',
      at: 1000,
      by: { device: { name: 'phone' }, ip: '::/48', user: null },
    },
  ])
})

t.test('what a transaction keeps is told apart: as the timeline has it, and to the log', async (t) => {
  const { audit, scene, lines, events, metrics } = open()
  const by = { device: null, ip: null, user: 'root' }
  t.strictSame(audit.toKeep(scene, { type: 'registered', by }), {
    ...{ type: 'registered', at: 1000, sessionId: null, device: null, ip: '198.51.100.0/24', by },
  })
  t.match(audit.toKeep(scene, { type: 'login', session: SESSION, at: 5 }), {
    ...{ at: 5, sessionId: 'public-id', device: SESSION.device, ip: '203.0.113.0/24' },
  })
  t.strictSame([lines, events], [[], []], 'nothing is told by that')
  audit.log(scene, { type: 'registered', userId: 'u', by })
  t.match(lines, [{ event: 'registered', userId: 'u', ip: '198.51.100.9', by: 'root' }])
  t.strictSame(events, [])
  t.match(await metrics.text(), /registered"\} 1\n/)
})

function open() {
  const lines: unknown[] = []
  const events: TimelineEvent[] = []
  const timeline = { record: (event: TimelineEvent) => void events.push(event) }
  const log = { info: (line: unknown) => lines.push(line) } as never
  const metrics = openMetrics({
    answerTimes: openAnswerTimes(),
    hashes: () => ({ running: 0, waiting: 0 }),
  })
  const audit = auditTo(timeline, metrics, () => 1000)
  return { audit, scene: { log, ip: '198.51.100.9' }, lines, events, metrics }
}
