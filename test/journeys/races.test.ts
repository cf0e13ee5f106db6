import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { burst } from '../support/burst.ts'
import { type Scene, testChecks, unlessAnswered } from '../support/check.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

// Logins and endings that meet: never two, never zero, and the last login wins.

testChecks([
  {
    name: 'P4: the requests of a kicked device leave the new one signed in',
    run: (scene) => bother(scene, 'GET', '/me', 401),
    naive: 'pointer',
    finds: 'the newer device got 401 unauthenticated',
  },
  {
    name: 'P5: a kicked device that logs out, late and twice, leaves the new one signed in',
    run: (scene) => bother(scene, 'POST', '/logout', 204),
    naive: 'pointer',
    finds: 'the newer device got 401 unauthenticated',
  },
  {
    name: 'P8: of fifty logins at once exactly one ends up signed in, never two',
    run: async ({ service }) => (await burst([service.url], 'ann')).wrong,
    naive: 'index',
    finds: 'more than one device is signed in',
  },
  {
    name: 'P9: of fifty logins at once exactly one ends up signed in, never none',
    run: async ({ service }) => {
      await burst([service.url], 'ann')
      return (await burst([service.url], 'ann')).wrong
    },
    naive: 'pointer',
    finds: 'nobody is signed in',
  },
  {
    name: 'P12: logging in again in one browser, with a double click or in three tabs, kicks nobody',
    run: sameBrowser,
    naive: 'index',
    finds: 'the browser replaced itself',
  },
  {
    name: 'P27: sessions that began at the same moment are all found when they are to end',
    run: endAll,
    naive: 'index',
    finds: 'an older device got 200',
  },
])

async function bother(
  { service }: Scene,
  method: string,
  path: string,
  status: number,
): Promise<string[]> {
  const old = service.browser()
  const newer = service.browser()
  await old.login('ann')
  await newer.login('ann')
  const wrong: string[] = []
  for (let i = 0; i < 2; i++) {
    const answer = await old.copy().request(method, path)
    wrong.push(...unlessAnswered('the kicked device', answer, status))
    wrong.push(...unlessAnswered('the newer device', await newer.get('/me'), 200))
  }
  return wrong
}

async function sameBrowser({ service }: Scene): Promise<string[]> {
  const browser = service.browser()
  await browser.login('ann')
  const again = await browser.login('ann')
  const wrong = unlessAnswered('the second login', again, 200)
  if (again.body.replaced.length > 0) wrong.push('the browser replaced itself')
  wrong.push(...unlessAnswered('the browser', await browser.get('/me'), 200))

  await Promise.all([browser.login('ann'), browser.login('ann'), browser.login('ann')])
  wrong.push(...unlessAnswered('the browser with three tabs', await browser.get('/me'), 200))
  return wrong
}

async function endAll({ service }: Scene): Promise<string[]> {
  const { browsers } = await burst([service.url], 'ann', 20)
  const last = service.browser()
  await last.login('ann')
  const wrong = unlessAnswered('the last device', await last.get('/me'), 200)
  for (const browser of browsers.filter(({ jar }) => jar.size > 0)) {
    wrong.push(...unlessAnswered('an older device', await browser.get('/me'), 401, 'session_replaced'))
  }
  return wrong
}

for (const engine of BOTH_ENDS) {
  t.test(
    `P11: a login never evicts itself, even if no time passes between logins [${engine}]`,
    async (t) => {
      const frozen = Date.now()
      const service = await startService(t, engine, {
        wrap: (engines) => ({ ...engines, store: { ...engines.store, now: () => frozen } }),
      })
      await service.register('ann')
      let previous: string | null = null
      for (let i = 0; i < 10; i++) {
        const browser = service.browser()
        const { body } = await browser.login('ann')
        t.strictSame(
          body.replaced.map((session: { id: string }) => session.id),
          previous === null ? [] : [previous],
        )
        t.equal((await browser.get('/me')).status, 200)
        previous = body.session.id
      }
    },
  )

  t.test(`P13: the very first logins of a user may race [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const registered = await Promise.all(
      Array.from({ length: 10 }, () =>
        service.browser().post('/register', { username: 'Zoë', password: PASSWORD }),
      ),
    )
    t.strictSame(registered.map(({ status }) => status).sort(), [201, ...Array(9).fill(409)])
    t.strictSame((await burst([service.url], 'zoë', 20)).wrong, [])
  })
}
