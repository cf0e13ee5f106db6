import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { StartFailure } from '../settings/start-failure.ts'

/**
 * Throws `StartFailure` if the write-ahead log beside a SQLite file belongs to another state of the file. This happens if a
 * backup is put back after a crash and the old log stays: SQLite would write the pages of the log over the backup.
 */
export async function refuseStaleLog(path: string): Promise<void> {
  for (let look = 0; isStale(path); look++) {
    // Another process may be writing at this moment, so look again before this is an error.
    if (look === LOOKS) throw staleLog(path)
    await pause(WAIT)
  }
}

/**
 * SQLite writes to the file only pages that are in the log already, in their order. So if the file is newer than the log, it
 * contains the first page of the log. If it does not, another program has changed the file.
 */
function isStale(path: string): boolean {
  const [file, log] = [path, `${path}-wal`].map((each) =>
    statSync(each, { bigint: true, throwIfNoEntry: false }),
  )
  if (file === undefined || log === undefined || file.size === 0n || file.ctimeNs <= log.ctimeNs)
    return false
  const [first, ...others] = firstPage(readFileSync(`${path}-wal`))
  if (first === undefined) return false
  const inFile = readPage(path, first)
  return ![first, ...others].some(({ content }) => content.equals(inFile))
}

type Page = { number: number; content: Buffer }

/** All versions of the page with the lowest number in the log (https://sqlite.org/fileformat2.html#walformat). */
function firstPage(log: Buffer): Page[] {
  if (log.length < HEADER) return []
  const size = log.readUInt32BE(8)
  const salts = log.subarray(16, 24)
  let pages: Page[] = []
  for (let at = HEADER; at + FRAME + size <= log.length; at += FRAME + size) {
    if (!log.subarray(at + 8, at + 16).equals(salts)) break // the rest is from an older log
    const number = log.readUInt32BE(at)
    const page = { number, content: log.subarray(at + FRAME, at + FRAME + size) }
    const lowest = pages[0]?.number ?? number
    if (number < lowest) pages = [page]
    else if (number === lowest) pages.push(page)
  }
  return pages
}

function readPage(path: string, { number, content }: Page): Buffer {
  const page = Buffer.alloc(content.length)
  const file = openSync(path, 'r')
  readSync(file, page, 0, page.length, (number - 1) * page.length)
  closeSync(file)
  return page
}

function staleLog(path: string): StartFailure {
  return new StartFailure(
    `${path}-wal was not written for ${path}, which was changed after it. If you have put back a backup, delete ${path}-wal and ${path}-shm, and start again. If not, the log has the latest changes: run touch ${path}-wal, and start again.`,
  )
}

/** Lengths of parts of the log, bytes. */
const HEADER = 32
const FRAME = 24

const LOOKS = 3
/** Milliseconds. */
const WAIT = 50
