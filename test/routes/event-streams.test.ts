import { Readable } from 'node:stream'
import t from 'tap'
import { eventStreams } from '../../src/routes/event-streams.ts'
import { until } from '../support/until.ts'

const newStream = () => new Readable({ read: () => {} })
const ANN = { user: 'ann', session: 's1' }

t.test('a session has a few streams, and the oldest ends for a newer one', async (t) => {
  const streams = eventStreams()
  const others = [newStream(), newStream()]
  for (const other of others) streams.add(other, { user: 'ann', session: 's2' })
  const all = Array.from({ length: 20 }, newStream)
  for (const stream of all) streams.add(stream, ANN)
  t.strictSame(
    all.map((stream) => streams.isOpen(stream)),
    all.map((_, i) => i >= 12),
  )
  t.ok(others.every((stream) => streams.isOpen(stream)))
  t.equal(String(all[0]?.read()), 'retry: 60000\n\n', 'and is not to come back at once')
})

t.test('a user has a few more, over all sessions; users do not count for each other', async (t) => {
  const streams = eventStreams()
  const bob = newStream()
  streams.add(bob, { user: 'bob', session: 's1' })
  const all = Array.from({ length: 100 }, newStream)
  for (const [i, stream] of all.entries()) streams.add(stream, { user: 'ann', session: `s${i >> 2}` })
  t.equal(all.filter((stream) => streams.isOpen(stream)).length, 32)
  t.ok(all.slice(-32).every((stream) => streams.isOpen(stream)))
  t.ok(streams.isOpen(bob))
})

t.test('one that has ended by itself makes room', async (t) => {
  const streams = eventStreams()
  const all = Array.from({ length: 8 }, newStream)
  for (const stream of all) streams.add(stream, ANN)
  const closed = new Promise((done) => all[5]?.once('close', done))
  all[5]?.destroy()
  await closed
  t.equal(streams.isOpen(all[5] as Readable), false)
  streams.add(newStream(), ANN)
  t.ok(streams.isOpen(all[0] as Readable))
})

t.test('a client that does not read is cut off', async (t) => {
  const streams = eventStreams()
  const stream = newStream()
  streams.add(stream, ANN)
  for (let i = 0; i < 1_000 && !stream.destroyed; i++) streams.send(stream, ': still signed in\n\n')
  t.ok(stream.destroyed)
  t.ok(stream.readableLength < 5_000)
})

t.test('an end that nobody reads does not stay for ever', async (t) => {
  const streams = eventStreams(1)
  const stream = newStream()
  streams.add(stream, ANN)
  streams.end(stream, 'event: session.ended\n\n')
  t.notOk(streams.isOpen(stream))
  await until(() => stream.destroyed)
})

t.test('all can be ended', async (t) => {
  const streams = eventStreams()
  const all = [newStream(), newStream()]
  for (const stream of all) streams.add(stream, ANN)
  streams.endAll()
  for (const stream of all) {
    t.equal(stream.read(), null)
    t.notOk(streams.isOpen(stream))
  }
})
