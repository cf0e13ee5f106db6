import { spawnSync } from 'node:child_process'
import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The first of `directories` in which all `names` are programs; null if there is none. */
export function findPrograms(names: readonly string[], directories: readonly string[]): string | null {
  return directories.find((dir) => names.every((name) => isProgram(join(dir, name)))) ?? null
}

/** Where programs are looked for by name. */
export function pathDirectories(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((dir) => dir !== '')
}

/** Debian keeps the programs of PostgreSQL's server off the PATH, one directory a version; newest first. */
export function postgresDirectories(): string[] {
  const versions = readdirOrNothing('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a))
  return [...pathDirectories(), ...versions.map((version) => `/usr/lib/postgresql/${version}/bin`)]
}

/** The Python that has Flask; null if none has. Debian's package brings it to Debian's own, whatever else is on the PATH. */
export function pythonWithFlask(): string | null {
  const hasFlask = (python: string) => spawnSync(python, ['-c', 'import flask']).status === 0
  return ['/usr/bin/python3', 'python3'].find(hasFlask) ?? null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function readdirOrNothing(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
