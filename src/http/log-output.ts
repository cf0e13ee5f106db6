import { writeSync } from 'node:fs'
import type { DestinationStream } from 'pino'

/** Writes some bytes, and gives how many it wrote. */
type Write = (bytes: Buffer) => number

/**
 * Where the log goes: to standard output. A line that cannot be written is lost, and nothing else: the disk that is full of logs may
 * be that of the sessions, or whoever reads the log has ended. The stream that pino has by itself would end the process, and wait
 * for ever for its last line to be written.
 */
export function logOutput(write: Write = toStandardOutput): DestinationStream {
  return {
    write(line) {
      let rest = Buffer.from(line)
      for (let attempt = 0; rest.length > 0 && attempt < ATTEMPTS; attempt++) {
        const written = tryToWrite(write, rest)
        if (written === null) return
        if (written === 0) Atomics.wait(NOBODY, 0, 0, PAUSE)
        rest = rest.subarray(written)
      }
    },
  }
}

/** How many bytes were written; null if it will not be better soon. A reader of a pipe that is slow has to catch up. */
function tryToWrite(write: Write, bytes: Buffer): number | null {
  try {
    return write(bytes)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : null
  }
}

function toStandardOutput(bytes: Buffer): number {
  return writeSync(STDOUT, bytes)
}

const STDOUT = 1
const NOBODY = new Int32Array(new SharedArrayBuffer(4))
/** A line of the log waits for 0.2 s at most, during which the process does nothing else. */
const ATTEMPTS = 20
/** Milliseconds. */
const PAUSE = 10
