import t from 'tap'
import { LIMITS } from '../../src/throttle/limits.ts'
import { redisCounters } from '../../src/throttle/redis.ts'
import { throttleWith } from '../../src/throttle/throttle.ts'
import { startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

t.test('a login asks Redis three times at most', async (t) => {
  const redis = await startRedis()
  const monitor = await redis.client.duplicate().monitor()
  t.teardown(async () => {
    monitor.disconnect()
    await redis.stop()
  })
  const asked: string[] = []
  monitor.on('monitor', (_time: string, [command = '']: string[], source: string) => {
    if (source !== 'lua') asked.push(command.toLowerCase())
  })
  const throttle = throttleWith(redisCounters(redis.client, { patience: 5_000 }), 'the secret of a test')
  const ann = { username: 'ann', address: '192.0.2.1', device: null }
  const known = { ...ann, device: '1' }

  /** The commands of one attempt, by what its password comes to. */
  async function commandsOf(attempt: typeof ann | typeof known, outcome: boolean | 'none') {
    asked.length = 0
    await throttle(attempt, async () => {
      if (outcome === 'none') throw new Error('no verdict')
      return { verified: outcome }
    }).catch(() => {})
    await redis.client.echo('over')
    await until(() => asked.includes('echo'))
    return asked.slice(0, asked.indexOf('echo')).join(' ')
  }

  await commandsOf(ann, true) // which loads the script
  t.equal(await commandsOf(ann, true), 'evalsha evalsha del')
  t.equal(await commandsOf(known, true), 'evalsha evalsha del')
  t.equal(await commandsOf(ann, 'none'), 'evalsha evalsha evalsha')
  for (let i = 0; i < LIMITS.name.free; i++) t.equal(await commandsOf(ann, false), 'evalsha evalsha')
  t.equal(await commandsOf(ann, true), 'evalsha evalsha evalsha', 'refused, with a slot')
  const [slot = ''] = await redis.client.keys('oneseat:throttle:slot:*')
  await redis.client.pexpire(slot, 20_000)
  t.equal(await commandsOf(ann, true), 'evalsha evalsha evalsha', 'let in by the slot')
})

t.test('a clock of Redis that is set back makes nobody wait longer', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const counters = redisCounters(redis.client, { patience: 5_000 })
  await counters.add('k', 5, 60)
  await redis.client.pexpire('oneseat:throttle:k', 3_660_000)
  t.match(await counters.add('k', 1, 60), { points: 1, endsIn: 60_000 })
})
