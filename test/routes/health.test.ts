import t from 'tap'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

for (const engine of BOTH_ENDS) {
  t.test(
    `live says that the process runs, ready that its stores answer as well [${engine}]`,
    async (t) => {
      const service = await startService(t, engine)
      const browser = service.browser()
      for (const path of ['/health/live', '/health/ready']) {
        const { status, body, headers } = await browser.get(path)
        t.strictSame([status, body, headers.get('cache-control')], [200, { status: 'ok' }, 'no-store'])
      }
      for (const call of ['accounts.ping', 'store.ping']) {
        service.watched.around = async (made, work) => {
          if (made === call) throw storeUnavailable()
          return work()
        }
        t.match(
          await browser.get('/health/ready'),
          { status: 503, body: { code: 'store_unavailable' } },
          call,
        )
        t.equal((await browser.get('/health/live')).status, 200)
      }
    },
  )
}
