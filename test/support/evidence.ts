import { existsSync, readFileSync } from 'node:fs'
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
    isThere: titlesIn(file).some((title) => title.includes(name)),
  }))
}

/** What the tests in a file are called, in their own words: a word elsewhere in the file is no test. */
function titlesIn(file: string): string[] {
  if (!existsSync(join(ROOT, file))) return []
  const text = readFileSync(join(ROOT, file), 'utf8')
  return [...text.matchAll(TITLE)].map(([, , title = '']) => title)
}

/** `t.test('title'`, or the `name` of a check that is run on several engines. */
const TITLE = /(?:\.test\(|\bname:)\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/g
const ROOT = join(import.meta.dirname, '../..')
