import { writeSync } from 'node:fs'
import type { DestinationStream } from 'pino'

/** Writes bytes, and returns how many it wrote. */
type Write = (bytes: Buffer) => number

/**
 * Writes the log to standard output. If a line cannot be written, only that line is lost: the disk may be full, or the reader of
 * the log may have ended. The own stream of pino would end the process, and wait for ever until its last line is written.
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

/** How many bytes were written; null if trying again will not help soon. A slow reader of a pipe gets time to catch up. */
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
/** A line of the log waits for 0.2 s at most. The process does nothing else in that time. */
const ATTEMPTS = 20
/** Milliseconds. */
const PAUSE = 10
