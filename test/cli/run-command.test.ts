import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { startInstance } from '../support/process.ts'
import { startRedis } from '../support/redis.ts'
import { CHEAP_HASHES } from '../support/service.ts'
import { runUsers } from '../support/terminal.ts'
import { until } from '../support/until.ts'

t.test(
  'a command with another REDIS_URL than the service says of nothing that it has ended',
  async (t) => {
    const redis = await startRedis()
    const dir = mkdtempSync(join(tmpdir(), 'oneseat-command-'))
    t.teardown(async () => {
      await redis.stop()
      rmSync(dir, { recursive: true, force: true })
    })
    const env = { ...CHEAP_HASHES, DATABASE_URL: `file:${join(dir, 'oneseat.db')}`, LOG_LEVEL: 'info' }
    const instance = await startInstance({ ...env, REDIS_URL: `${redis.url}/1` })
    const device = new Browser(instance.url)
    await device.post('/register', { username: 'ann', password: PASSWORD })
    await device.login('ann')
    t.match(await runUsers(['disable', 'ann'], { env, counted: true }), {
      ...{ code: 1, stdout: '', stderr: /^users: REDIS_URL: unset, but the service keeps/ },
    })
    t.match(await device.get('/me'), { status: 200 })
    const elsewhere = { ...env, REDIS_URL: redis.url }
    t.match(await runUsers(['disable', 'ann'], { env: elsewhere }), { code: 0 })
    await until(async () => (await device.get('/me')).body.code === 'user_disabled', 5_000)
    await instance.stop()

    const moved = await startInstance(env, { counted: true })
    t.teardown(() => moved.stop())
    const told = moved.logs.filter(({ msg }) => /^REDIS_URL: unset, but the sessions/.test(String(msg)))
    t.match(told, [{ event: 'left_redis' }])
    t.match(await runUsers(['enable', 'ann'], { env }), { code: 0 }, 'sessions are here now')
  },
)
