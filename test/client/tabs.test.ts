import t from 'tap'
import { isVisible, onVisibility, openTabs, ownOrigin } from '../../src/client/tabs.ts'
import { until } from '../support/until.ts'

const browser = globalThis as { location?: unknown; document?: unknown }

t.test('a program has no other tabs, and still does one thing at a time', async (t) => {
  const tabs = openTabs<string>('http://api', () => t.fail('heard'))
  const order: number[] = []
  tabs.tell('nobody')
  const works = [0, 1, 2].map((i) =>
    tabs.alone('cookie', async () => {
      order.push(i)
      await new Promise((done) => setImmediate(done))
      order.push(i)
      if (i === 0) throw new Error('failed')
      return i
    }),
  )
  t.strictSame(
    (await Promise.allSettled(works)).map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled'],
  )
  t.strictSame(order, [0, 0, 1, 1, 2, 2])
  t.equal(ownOrigin(), undefined)
  t.ok(isVisible())
  onVisibility(() => {})()
  tabs.close()
})

t.test('tabs of a browser hear each other, and only one works at a time', async (t) => {
  browser.location = { origin: 'http://page' }
  t.teardown(() => delete browser.location)
  t.equal(ownOrigin(), 'http://page')
  const heard: string[] = []
  const [one, two] = ['one', 'two'].map((name) =>
    openTabs<string>('http://api', (message) => heard.push(`${name} ${message}`)),
  )
  const other = openTabs<string>('http://other', () => t.fail('another API'))
  one?.tell('hello')
  await until(() => heard.length > 0)
  t.strictSame(heard, ['two hello'])

  let free = () => {}
  const long = one?.alone('stream', () => new Promise<void>((done) => (free = done)))
  let isSecond = false
  const second = two?.alone('stream', async () => (isSecond = true))
  const over = new AbortController()
  const third = two?.alone('stream', async () => t.fail('its turn never came'), over.signal)
  over.abort()
  await t.rejects(async () => third, { name: 'AbortError' })
  t.notOk(isSecond)
  free()
  await Promise.all([long, second])
  t.ok(isSecond)
  for (const tabs of [one, two, other]) tabs?.close()
  one?.tell('of a call that was under way')
})

t.test('a page that nobody looks at knows it', async (t) => {
  const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
  browser.document = document
  t.teardown(() => delete browser.document)
  t.notOk(isVisible())
  let calls = 0
  const stop = onVisibility(() => calls++)
  document.dispatchEvent(new Event('visibilitychange'))
  stop()
  document.dispatchEvent(new Event('visibilitychange'))
  t.equal(calls, 1)
})
