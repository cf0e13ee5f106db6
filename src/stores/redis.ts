import { Cluster, type Redis } from 'ioredis'
import { orUnavailable, storeUnavailable } from '../sessions/refusal.ts'
import type { SessionStore, StoredValue } from '../sessions/store.ts'
import { batchReads } from './batched-reads.ts'
import { followClock } from './store-clock.ts'

/**
 * Sessions in Redis or Valkey: one string per user under one key, so that nothing of a user can be evicted, moved or rolled
 * back apart from the rest. Needs 6.2 or later (`PXAT`).
 */
export function redisStore(redis: Redis | Cluster, prefix = PREFIX): SessionStore {
  redis.defineCommand('oneseatRead', { lua: READ })
  redis.defineCommand('oneseatSwap', { numberOfKeys: 1, lua: SWAP })
  const commands = redis as unknown as Commands // `defineCommand` has added them
  const clock = followClock()
  const isCluster = redis instanceof Cluster
  const part = partOf(redis, prefix)
  // In a Cluster each key may be another node's, so there every read is a command of its own.
  const read = batchReads(readMany, isCluster ? 1 : BATCH)
  read('').catch(() => {}) // learns the time of the server, if it answers already

  return {
    histories: isCluster ? 'several' : 'one',
    read,
    swap,
    now() {
      const now = clock.now()
      if (now === null) throw storeUnavailable(new Error('Redis has not answered yet'), 'Redis')
      return now
    },
    async ping() {
      await read('')
      const key = `${prefix}ready`
      await orUnavailable(redis.set(key, '1', 'PX', 1_000), 'Redis')
    },
    close: async () => {},
  }

  async function readMany(handles: string[]): Promise<StoredValue[]> {
    const keys = handles.map((handle) => prefix + handle)
    const learn = clock.ask()
    const [texts, history, parent, seconds, micros] = await orUnavailable(
      commands.oneseatRead(keys.length, ...keys),
      'Redis',
    )
    learn(Number(seconds) * 1000 + Number(micros) / 1000)
    const stored = { history: history + part, parent: parent && parent + part }
    return texts.map((text) => ({ text, ...stored }))
  }

  async function swap(
    handle: string,
    { text, history }: StoredValue,
    next: string,
    keepUntil: number,
  ): Promise<boolean> {
    const key = prefix + handle
    const until = String(Math.ceil(keepUntil))
    const id = history.slice(0, history.length - part.length)
    const swapFrom = async (from: string | Buffer) =>
      (await orUnavailable(commands.oneseatSwap(key, from, next, until, id), 'Redis')) === 1
    if (await swapFrom(text ?? '')) return true
    if (text?.includes(NO_TEXT) !== true) return false
    const bytes = await orUnavailable(redis.getBuffer(key), 'Redis')
    return bytes?.toString() === text && swapFrom(bytes)
  }
}

/**
 * Which part of the server is used, if it is not the usual one: records in two of them have two histories, so that an instance
 * that was told another database or prefix than the others cannot have users signed in twice.
 */
function partOf(redis: Redis | Cluster, prefix: string): string {
  const { db = 0 } = redis.options as { db?: number } // a Cluster has one database
  return db === 0 && prefix === PREFIX ? '' : ` ${db} ${prefix}`
}

/** Stands for bytes that are no UTF-8, as of a value that was cut or damaged: what was read is not what is stored. */
const NO_TEXT = '\ufffd'

/** The prefix of the key of a record, before the user's handle. */
export const PREFIX = 'oneseat:'

type Commands = {
  oneseatRead(
    count: number,
    ...keys: string[]
  ): Promise<[(string | null)[], string, string, string, string]>
  oneseatSwap(
    key: string,
    expected: string | Buffer,
    next: string,
    until: string,
    history: string,
  ): Promise<number>
}

/**
 * Reads the values, and at the same moment the history and the time of the server. A restart and a promotion change the history.
 * Reading it once per connection is not enough, because a master can be demoted, overwritten and promoted while a connection
 * stays open. A replica is refused, and so is a master that has fewer replicas than `min-replicas-to-write`: another may have
 * been promoted.
 */
const READ = `
local info = redis.call('INFO', 'replication')
if not string.find(info, 'role:master', 1, true) then
  return redis.error_reply('READONLY this server is a replica')
end
if string.find(info, 'min_slaves_good_slaves:0', 1, true) then
  return redis.error_reply('NOREPLICAS this master is cut off from its replicas')
end
local time = redis.call('TIME')
local history = string.match(info, 'master_replid:(%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x)')
local parent = string.match(info, 'master_replid2:(%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x)')
if string.find(parent, '^0+$') then parent = '' end
return { redis.call('MGET', unpack(KEYS)), history, parent, time[1], time[2] }`

/**
 * Compares and sets, but only if the server still has the history under which the value was read: after a failover the same text
 * can be back, while a later change is lost. The empty string means that there is no value. A key of another type is not ours,
 * and the next record replaces it.
 */
const SWAP = `
local info = redis.call('INFO', 'replication')
if not string.find(info, 'master_replid:' .. ARGV[4], 1, true) then return 0 end
local value = redis.pcall('GET', KEYS[1]) or ''
if type(value) == 'table' then
  if not string.find(value.err, 'WRONGTYPE', 1, true) then return value end
  value = ''
end
if value ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
return 1`

/** Keys in one command. It is small, so that a command never blocks Redis for long. */
const BATCH = 100
