import t from 'tap'
import { viewSession } from '../../src/fastify/session-view.ts'
import type { LiveSession } from '../../src/sessions/record.ts'

const session: LiveSession = {
  id: 'public-id',
  secretHash: 'a hash that stays inside',
  epoch: 7,
  device: { name: 'laptop', os: null, browser: 'curl' },
  ip: '203.0.113.9',
  createdAt: 0,
  lastSeenAt: 1_000,
  idleExpiresAt: 2_000,
  expiresAt: 3_000,
}

t.test('a session is shown without its secret, and its address whole only to itself', async (t) => {
  const shown = {
    id: 'public-id',
    epoch: 7,
    device: { name: 'laptop', os: null, browser: 'curl' },
    createdAt: '1970-01-01T00:00:00.000Z',
    lastSeenAt: '1970-01-01T00:00:01.000Z',
    idleExpiresAt: '1970-01-01T00:00:02.000Z',
    expiresAt: '1970-01-01T00:00:03.000Z',
  }
  t.strictSame(viewSession(session, 'public-id'), { ...shown, ip: '203.0.113.9', current: true })
  for (const asking of ['another', null])
    t.strictSame(viewSession(session, asking), { ...shown, ip: '203.0.113.0/24', current: false })
})
