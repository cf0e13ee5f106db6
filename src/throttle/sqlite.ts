import { closeSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import { RateLimiterCompatibleAbstract, RateLimiterSQLite } from 'rate-limiter-flexible'
import { type Counters, countersOn, NUMBERS } from './counters.ts'
import { type Insurance, insured } from './insurance.ts'

/**
 * Counters in the SQLite file at `path`, for all processes of this machine. It is a separate file, so counting neither waits for
 * the write lock of the database nor holds it, and need not reach the disk at each step. If the file is lost, only counts are
 * lost.
 */
export function sqliteCounters(path: string, insurance: Insurance = {}): Counters {
  const limiter = new SqliteLimiter(path)
  return countersOn(insured(limiter, insurance), () => limiter.close())
}

/**
 * Opens the file at the first attempt, so that a command that counts nothing makes no file. If that fails, the next attempt tries
 * again.
 */
class SqliteLimiter extends RateLimiterCompatibleAbstract {
  readonly #path: string
  #opened: Opened | null = null

  constructor(path: string) {
    super()
    this.#path = path
  }

  override async penalty(...args: Parameters<RateLimiterSQLite['penalty']>) {
    return this.#open().limiter.penalty(...args)
  }

  override async delete(...args: Parameters<RateLimiterSQLite['delete']>) {
    return this.#open().limiter.delete(...args)
  }

  close(): void {
    this.#opened?.file.close()
  }

  #open(): Opened {
    this.#opened ??= openCounters(this.#path)
    this.#opened.clear()
    return this.#opened
  }
}

type Opened = { file: Database.Database; limiter: RateLimiterSQLite; clear: () => void }

function openCounters(path: string): Opened {
  closeSync(openSync(path, 'a', 0o600)) // SQLite would make a file that everybody can read
  const file = new Database(path, { timeout: BUSY_WAIT })
  try {
    file.pragma('journal_mode = WAL')
    file.pragma('synchronous = NORMAL')
    file.exec(TABLE)
  } catch (error) {
    file.close()
    throw error
  }
  const limiter = new RateLimiterSQLite({
    ...NUMBERS,
    storeClient: file,
    storeType: 'better-sqlite3',
    tableName: 'throttle',
    tableCreated: true,
    keyPrefix: '',
  })
  const clear = file.prepare<[number]>(CLEAR)
  let steps = 0
  return {
    file,
    limiter,
    clear: () => {
      if (++steps % CLEAR_EVERY === 0) clear.run(Date.now())
    },
  }
}

const TABLE = `
  CREATE TABLE IF NOT EXISTS throttle (key TEXT PRIMARY KEY, points INTEGER NOT NULL, expire INTEGER) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS throttle_expire ON throttle (expire)`

/** Each step adds at most one row. Removing up to two expired rows for each step keeps the file small. */
const CLEAR_EVERY = 100
const CLEAR = 'DELETE FROM throttle WHERE key IN (SELECT key FROM throttle WHERE expire <= ? LIMIT 200)'

/** Milliseconds, in which the event loop is blocked. Other processes hold the lock of this file for less than one. */
const BUSY_WAIT = 20
