import type { Redis } from 'ioredis'
import { type Fault, need, pause } from '../fault.ts'
import { touchInterval } from '../history.ts'

/** Each notes how things are, and gives what puts them back so, without a change of the server's history. */
type Way = (client: Redis) => Promise<() => Promise<unknown>>

export const fault: Fault = {
  name: 'older-state',
  about:
    'Redis has the state of 400 ms before, under the same name: by RESTORE of each key, DEBUG RELOAD NOSAVE or SWAPDB',
  topologies: ['single'],
  setup: { redisArgs: ['--enable-debug-command', 'yes'] },
  async strike(world, random) {
    const { client } = need(world.redis).server
    const note = WAYS[Math.floor(random() * WAYS.length)] as Way
    const goBack = await note(client)
    await pause(400)
    const from = performance.now()
    await goBack()
    world.believed.push({ from, to: performance.now() + touchInterval(world.idleTimeout) })
  },
}

const restore: Way = async (client) => {
  const keys = await client.keys('*')
  const dumps = await Promise.all(keys.map((key) => client.dumpBuffer(key)))
  return () =>
    Promise.all(keys.map((key, i) => client.restore(key, 60_000, dumps[i] as Buffer, 'REPLACE')))
}

const reload: Way = async (client) => {
  await client.save()
  return () => client.call('DEBUG', 'RELOAD', 'NOSAVE')
}

const swap: Way = async (client) => {
  const keys = await client.keys('*')
  await Promise.all(keys.map((key) => client.call('COPY', key, key, 'DB', 1, 'REPLACE')))
  return () => client.swapdb(0, 1)
}

const WAYS = [restore, reload, swap]
