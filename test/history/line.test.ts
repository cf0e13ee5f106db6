import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { openSocket } from '../support/raw.ts'
import { until } from '../support/until.ts'
import { type Line, openLine } from './line.ts'

/** A server that answers everything with itself, at the end of a line; and what it has been sent. */
async function openEcho(
  t: Test,
): Promise<{ line: Line; connect: () => Promise<Client>; heard: () => string }> {
  let heard = ''
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      heard += chunk
      socket.write(chunk)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const line = await openLine((server.address() as { port: number }).port)
  t.teardown(async () => {
    await line.close()
    server.close()
  })
  return {
    line,
    heard: () => heard,
    async connect() {
      const socket = await openSocket(`http://127.0.0.1:${line.port}`)
      const client: Client = { socket, told: '' }
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        client.told += chunk
      })
      return client
    },
  }
}

type Client = { socket: Socket; told: string }

t.test('what is held arrives later, in order, also when its sender has gone', async (t) => {
  const { line, connect, heard } = await openEcho(t)
  const [one, other] = [await connect(), await connect()]
  const held = line.hold('there', (bytes) => bytes.includes('wait'))
  one.socket.write('wait')
  await held
  one.socket.write(', and me')
  other.socket.write('first;')
  await until(() => other.told === 'first;')
  one.socket.destroy()
  await once(one.socket, 'close')
  t.equal(heard(), 'first;')
  line.heal()
  await until(() => heard() === 'first;wait, and me')
})

t.test('what is lost on one way never arrives, and its connection ends', async (t) => {
  const { line, connect, heard } = await openEcho(t)
  const client = await connect()
  line.lose('back')
  client.socket.write('hello')
  await until(() => heard() === 'hello')
  line.heal()
  await once(client.socket, 'close')
  t.equal(client.told, '')
  const next = await connect()
  next.socket.write('again')
  await until(() => next.told === 'again')
})

t.test('one way can be slow, and the other is not', async (t) => {
  const { line, connect, heard } = await openEcho(t)
  const client = await connect()
  line.delay(60, 'back')
  const begun = performance.now()
  client.socket.write('hello')
  await until(() => heard() === 'hello')
  t.equal(client.told, '')
  await until(() => client.told === 'hello')
  t.ok(performance.now() - begun >= 60)
})

t.test('a line that is cut takes nobody until it is mended', async (t) => {
  const { line, connect } = await openEcho(t)
  const before = await connect()
  line.cut()
  await once(before.socket, 'close')
  const meanwhile = await connect()
  await once(meanwhile.socket, 'close')
  line.heal()
  const client = await connect()
  client.socket.write('hello')
  await until(() => client.told === 'hello')
})
