import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The rows of the tables in a document, cell by cell, without their heads. */
export function rowsOf(document: string): string[][] {
  const lines = readFileSync(join(ROOT, document), 'utf8').split('\n')
  return lines
    .filter(
      (line, i) =>
        line.startsWith('| ') && !line.startsWith('| ---') && !lines[i + 1]?.startsWith('| ---'),
    )
    .map((line) => line.slice(2, -2).split(' | '))
}

/** The tests that a cell names, as links to their files, with whether a test of that name is there. */
export function testsNamedIn(cell: string): { name: string; file: string; isThere: boolean }[] {
  return [...cell.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g)].map(([, name = '', file = '']) => ({
    name,
    file,
    isThere: readFileSync(join(ROOT, file), 'utf8').includes(name),
  }))
}

const ROOT = join(import.meta.dirname, '../..')
