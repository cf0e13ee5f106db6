import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A directory for all that the tests put on disk, in memory where there is room: SQLite waits for its file at every commit,
 * which tests the disk. To be removed by the caller.
 */
export function makeScratch(): string {
  for (const place of [IN_MEMORY, tmpdir()]) {
    if (place === IN_MEMORY && !hasRoom(place)) continue
    const directory = mkdtempSync(join(place, 'oneseat-tests-'))
    chmodSync(directory, 0o711) // PostgreSQL may run as another user
    if (runsPrograms(directory)) return directory
    rmSync(directory, { recursive: true })
  }
  throw new Error(`no program may be run from ${tmpdir()}; name another directory in TMPDIR`)
}

function hasRoom(place: string): boolean {
  if (!existsSync(place)) return false
  const { bavail, bsize } = statfsSync(place)
  return bavail * bsize >= ENOUGH
}

/** Containers often forbid it for `/dev/shm`; one test installs our own packages there. */
function runsPrograms(directory: string): boolean {
  const program = join(directory, 'program')
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 })
  return spawnSync(program).status === 0
}

const IN_MEMORY = '/dev/shm'
const ENOUGH = 2 * 1024 ** 3
