import type { Redis } from 'ioredis'

/** Ways to give Redis an older state without a change of its history. */
export const WAYS_BACK = ['restore', 'reload', 'swapdb'] as const

/** Each notes how things are, and gives what puts them back so. `reload` needs `--enable-debug-command yes`. */
export const noteState: {
  [way in (typeof WAYS_BACK)[number]]: (client: Redis) => Promise<() => Promise<unknown>>
} = {
  async restore(client) {
    const keys = await client.keys('*')
    const dumps = await Promise.all(keys.map((key) => client.dumpBuffer(key)))
    return () =>
      Promise.all(keys.map((key, i) => client.restore(key, 60_000, dumps[i] as Buffer, 'REPLACE')))
  },

  async reload(client) {
    await client.save()
    return () => client.call('DEBUG', 'RELOAD', 'NOSAVE')
  },

  async swapdb(client) {
    const keys = await client.keys('*')
    await Promise.all(keys.map((key) => client.call('COPY', key, key, 'DB', 1, 'REPLACE')))
    return () => client.swapdb(0, 1)
  },
}
