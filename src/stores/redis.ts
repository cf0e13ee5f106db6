import { Cluster, type Redis } from 'ioredis'
import { storeUnavailable, tried } from '../errors.ts'
import type { Reading, Register } from '../sessions/store.ts'
import { batchReads } from './batched-reads.ts'
import { type EngineClock, followClock } from './store-clock.ts'

/**
 * Sessions in Redis or Valkey: one string per user under one key, so that nothing of a user can be evicted, moved or
 * rolled back apart from the rest. Needs 6.2 or later (`PXAT`). Registers over several connections to one server share its
 * `clock`.
 */
export function redisRegister(redis: Redis | Cluster, clock: EngineClock = followClock()): Register {
  redis.defineCommand('seatRead', { lua: READ })
  redis.defineCommand('seatSwap', { numberOfKeys: 1, lua: SWAP })
  const commands = redis as unknown as SeatCommands // `defineCommand` has just made them
  // In a Cluster each key may be another node's, so there every read is a command of its own.
  const read = batchReads(readMany, redis instanceof Cluster ? 1 : BATCH)
  read('').catch(() => {}) // what time it is, if the server is there already

  return {
    read,
    swap: async (handle, expected, next, keepUntil) => {
      const until = String(Math.ceil(keepUntil))
      const swap = async (from: string | Buffer) =>
        (await tried(commands.seatSwap(PREFIX + handle, from, next, until))) === 1
      if (await swap(expected ?? '')) return true
      if (expected?.includes(NO_TEXT) !== true) return false
      const bytes = await tried(redis.getBuffer(PREFIX + handle))
      return bytes?.toString() === expected && swap(bytes)
    },
    now() {
      const now = clock.now()
      if (now === null) throw storeUnavailable()
      return now
    },
    ping: async () => {
      await read('')
    },
    close: async () => {},
  }

  async function readMany(handles: string[]): Promise<Reading[]> {
    const keys = handles.map((handle) => PREFIX + handle)
    const [texts, incarnation, seconds, micros] = await tried(commands.seatRead(keys.length, ...keys))
    clock.learn(Number(seconds) * 1000 + Number(micros) / 1000)
    return texts.map((text) => ({ text, incarnation }))
  }
}

/** Stands for bytes that are no UTF-8, as of a value that was cut or damaged: what was read is not what is stored. */
const NO_TEXT = '\ufffd'

/** Of the key of a user's record, before their handle. */
export const PREFIX = 'oneseat:'

type SeatCommands = {
  seatRead(count: number, ...keys: string[]): Promise<[(string | null)[], string, string, string]>
  seatSwap(key: string, expected: string | Buffer, next: string, until: string): Promise<number>
}

/**
 * The values, and in the same instant who answers and what time it is there. The name is that of the server's history,
 * which a restart and a promotion change; asking for it once per connection would not do, because a master can be demoted,
 * overwritten and promoted under an open connection. A replica is refused, and so is a master that `min-replicas-to-write`
 * tells it is cut off: another may have taken its place.
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
return { redis.call('MGET', unpack(KEYS)), string.match(info, 'master_replid:(%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x)'), time[1], time[2] }`

/**
 * No value is ever the empty string, so it can stand for "there is none". A key of another type is none of ours: `READ` sees
 * nothing there, and the next record takes its place.
 */
const SWAP = `
local value = redis.pcall('GET', KEYS[1]) or ''
if type(value) == 'table' then value = '' end
if value ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
return 1`

/** Keys in one command: few enough that it never holds Redis up for long. */
const BATCH = 100
