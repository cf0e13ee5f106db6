import t from 'tap'
import { openStream } from '../support/event-stream.ts'
import { openSocket, request } from '../support/raw.ts'
import { BOTH_ENDS, ENGINES, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

for (const engine of ENGINES) {
  t.test(`a device is told over its stream the moment another takes the seat [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    await service.register('ann')
    const laptop = service.browser()
    await laptop.login('ann')
    const stream = await openStream(laptop)

    const phone = service.browser()
    await phone.login('ann', { device: 'phone' })

    const text = await stream.rest()
    const data = /event: session\.ended\ndata: (.*)\n\n$/.exec(text)?.[1] ?? '{}'
    t.same(JSON.parse(data), (await laptop.get('/me')).body, 'the same body as the 401')
    t.match(JSON.parse(data), { code: 'session_replaced', replacedBy: { device: { name: 'phone' } } })
  })

  t.test(`P19: the winner's own stream goes on when it takes the seat [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { SESSION_LIMIT: '2' } })
    await service.register('ann')
    const [laptop, phone, tablet] = [service.browser(), service.browser(), service.browser()]
    await laptop.login('ann')
    await phone.login('ann')
    const stream = await openStream(phone)
    await tablet.login('ann') // the laptop has to go
    t.equal((await laptop.get('/me')).body.code, 'session_replaced')
    await phone.post('/logout')
    t.match(await stream.rest(), /: still signed in[\s\S]*"code":"logged_out"/)
  })

  t.test(`a stream does not keep the service from stopping [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    await service.register('ann')
    const laptop = service.browser()
    await laptop.login('ann')
    const stream = await openStream(laptop)
    await service.app.close()
    t.notMatch(await stream.rest(), /session\.ended/)
  })
}

t.test('P20: a notice that gets lost is made up for', async (t) => {
  const service = await startService(t, 'sqlite', {
    wrap: (engines) => ({ ...engines, notices: { ...engines.notices, publish: () => {} } }),
  })
  await service.register('ann')
  const laptop = service.browser()
  await laptop.login('ann')
  const stream = await openStream(laptop)
  await service.browser().login('ann')
  t.equal((await laptop.get('/me')).body.code, 'session_replaced', 'HTTP refuses at once')
  t.match(await stream.rest(), /session\.ended/, 'and the stream finds out by itself')
})

t.test('a store that is away ends no stream', async (t) => {
  let away = false
  let looks = 0
  const service = await startService(t, 'sqlite', {
    wrap: (engines) => ({
      ...engines,
      store: {
        ...engines.store,
        read: async (handle) => {
          if (away) looks += 1
          if (away) throw new Error('the store is away')
          return engines.store.read(handle)
        },
      },
    }),
  })
  await service.register('ann')
  const laptop = service.browser()
  await laptop.login('ann')
  const stream = await openStream(laptop)
  const handle = (laptop.jar.get('oneseat') ?? '').slice(0, 16)
  away = true
  service.engines.notices.publish(handle)
  await until(() => looks > 0)
  away = false
  await laptop.post('/logout')
  const text = await stream.rest()
  t.match(text, /"code":"logged_out"/, 'it goes on, and hears the end')
  t.match(
    text,
    /still signed in[\s\S]*cannot be checked[\s\S]*session\.ended/,
    'and no more is said than is known',
  )
})

for (const engine of BOTH_ENDS) {
  t.test(
    `a page is told a minute before its session idles out, once, and may stay [${engine}]`,
    async (t) => {
      const service = await startService(t, engine, { env: { IDLE_TIMEOUT: '10m' } })
      await service.register('ann')
      const laptop = service.browser()
      const { session } = (await laptop.login('ann')).body
      const handle = (laptop.jar.get('oneseat') ?? '').slice(0, 16)
      const stream = await openStream(laptop)
      const look = () => service.engines.notices.publish(handle)

      service.advance(8.9 * 60_000)
      look()
      await stream.until(/still signed in[\s\S]*still signed in/)
      t.notMatch(stream.text(), 'session.ending')
      service.advance(0.2 * 60_000)
      look()
      const told = await stream.until(/event: session\.ending\ndata: (.*)\n\n/)
      t.strictSame(JSON.parse(told[1] ?? ''), { code: 'session_idle', at: session.idleExpiresAt })
      look()
      await stream.until(/session\.ending[\s\S]*still signed in/)

      await laptop.post('/me/touch')
      service.advance(5 * 60_000)
      t.equal((await laptop.get('/me')).status, 200, 'it stayed')
      service.advance(9.1 * 60_000)
      look()
      await stream.until(/session\.ending[\s\S]*session\.ending/)
      service.advance(60_000)
      look()
      t.match(await stream.rest(), /"code":"session_idle"[\s\S]*event: session\.ended.*\n.*session_idle/)
    },
  )

  t.test(`an open stream is no use of the session, nor is opening one [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { IDLE_TIMEOUT: '10m' } })
    await service.register('ann')
    const laptop = service.browser()
    await laptop.login('ann')
    service.advance(8 * 60_000)
    const stream = await openStream(laptop)
    service.advance(2 * 60_000)
    t.match(await laptop.get('/me/events'), { status: 401, body: { code: 'session_idle' } })
    t.match(await stream.rest(), /session\.ended/)
  })
}

t.test('what no use can put off is announced as such', async (t) => {
  const service = await startService(t, 'sqlite', { env: { ABSOLUTE_TIMEOUT: '10m' } })
  await service.register('ann')
  const laptop = service.browser()
  const { session } = (await laptop.login('ann')).body
  service.advance(9.5 * 60_000)
  const stream = await openStream(laptop)
  const told = await stream.until(/event: session\.ending\ndata: (.*)\n\n/)
  t.strictSame(JSON.parse(told[1] ?? ''), { code: 'session_expired', at: session.expiresAt })
})

t.test('a session has a few streams only, and so does a user', async (t) => {
  const service = await startService(t, 'sqlite', { env: { SESSION_LIMIT: '10' } })
  await service.register('ann')
  const devices = Array.from({ length: 6 }, () => service.browser())
  let open = 0
  for (const device of devices) {
    await device.login('ann')
    for (let i = 0; i < 12; i++) {
      const stream = await openStream(device)
      open++
      void stream.rest().then(() => open--)
    }
    await until(() => open <= 32)
    if (device === devices[0]) await until(() => open === 8)
  }
  await until(() => open === 32)
  t.equal((await devices[0]?.get('/me'))?.status, 200)
})

t.test('nothing is left of a stream whose client has gone, or never wanted it', async (t) => {
  let open = 0
  let opened = 0
  const service = await startService(t, 'sqlite', {
    wrap: (engines) => ({
      ...engines,
      notices: {
        ...engines.notices,
        subscribe: (handle, listener) => {
          const unsubscribe = engines.notices.subscribe(handle, listener)
          open++
          opened++
          return () => {
            open--
            unsubscribe()
          }
        },
      },
    }),
  })
  await service.register('ann')
  const laptop = service.browser()
  await laptop.login('ann')
  const head = await laptop.request('HEAD', '/me/events')
  t.equal(head.status, 200)
  t.equal(head.headers.get('content-type'), 'text/event-stream')
  t.equal(head.headers.get('x-accel-buffering'), 'no', 'nginx passes it on at once')
  t.equal(opened, 0, 'HEAD opens none')
  const cookie = `Cookie: oneseat=${laptop.jar.get('oneseat')}`
  for (let i = 0; i < 20; i++) {
    const hasty = await openSocket(service.url)
    hasty.on('error', () => {}).write(request('GET /me/events', [cookie]), () => hasty.resetAndDestroy())
  }
  await until(() => opened > 0 && open === 0)
})

t.test('a stream is for a session only', async (t) => {
  const service = await startService(t, 'sqlite')
  t.equal((await service.browser().get('/me/events')).status, 401)
})
