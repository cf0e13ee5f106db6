import t from 'tap'
import { tellEvent, tellStory } from '../../src/cli/story.ts'
import { EVENT_TYPES, type KeptEvent } from '../../src/timeline/timeline.ts'
import { PASSWORD } from '../support/browser.ts'
import { changeUser, makeUser, signIn } from '../support/people.ts'
import { startService } from '../support/service.ts'

const EVENT: KeptEvent = {
  id: '1',
  userId: 'u',
  type: 'login',
  at: Date.UTC(2026, 10, 23, 14, 30, 5),
  sessionId: 's',
  device: null,
  ip: null,
  by: null,
}

t.test('a sentence says when, what, where, and who was behind it', async (t) => {
  const device = { name: 'laptop', os: 'Linux', browser: 'Firefox' }
  const at = { device, ip: '192.0.2.0/24' }
  const told: [Partial<KeptEvent>, string][] = [
    [{}, 'Signed in'],
    [at, 'Signed in: “laptop” (Firefox on Linux) at 192.0.2.0/24'],
    [{ ip: '::/48', type: 'login_failed' }, 'A wrong password was tried: at ::/48'],
    [
      {
        ...at,
        type: 'session_replaced',
        by: { device: { ...device, name: null }, ip: '::/48', user: null },
      },
      'Was signed out by a newer login: “laptop” (Firefox on Linux) at 192.0.2.0/24, by Firefox on Linux at ::/48',
    ],
    [
      {
        type: 'session_revoked',
        by: { device: { name: null, os: null, browser: null }, ip: null, user: null },
      },
      'Was signed out, by a device',
    ],
    [
      { type: 'session_revoked', by: { device: null, ip: null, user: null } },
      'Was signed out, by a device',
    ],
    [
      {
        type: 'roles_changed',
        by: { device: null, ip: null, user: 'root' },
        device: { ...device, os: null, browser: null },
      },
      'The roles were changed: “laptop”, by root',
    ],
  ]
  for (const [parts, sentence] of told) {
    t.equal(tellEvent({ ...EVENT, ...parts }), `2026-11-23 14:30:05  ${sentence}`)
  }
  for (const type of EVENT_TYPES) t.match(tellEvent({ ...EVENT, type }), / {2}[A-Z].*[a-z]$/)
})

t.test('the whole story of somebody, oldest first, however many pages it takes', async (t) => {
  const service = await startService(t, 'sqlite')
  await makeUser(service, 'ann', ['editor'])
  for (let i = 0; i < 3; i++) await signIn(service, 'ann', `device ${i}`)
  await service.browser().post('/login', { username: 'ann', password: `${PASSWORD}?` })
  await service.parts.timeline.flush()
  const lines: string[] = []
  for await (const line of tellStory(service.parts, 'ANN', 2)) lines.push(line)
  t.match(lines, [
    /^ann \(editor\)\. Times are UTC\.$/,
    /The account was made/,
    /Signed in with a new device: “device 0”/,
    /Was signed out by a newer login: “device 0”.*, by “device 1”/,
    /Signed in with a new device: “device 1”/,
    /Was signed out by a newer login: “device 1”/,
    /Signed in with a new device: “device 2”/,
    /A wrong password was tried/,
  ])
  t.equal(lines.length, 8)
})

t.test('of nobody there is no story, and of who is disabled it says so', async (t) => {
  const service = await startService(t, 'sqlite')
  const { parts } = service
  await t.rejects(tellStory(parts, 'nobody').next(), { name: 'GaveUp' })
  await makeUser(service, 'ann')
  await changeUser(service, 'ann', { disabled: true })
  t.equal((await tellStory(parts, 'ann').next()).value, 'ann (no roles), disabled. Times are UTC.')
})
