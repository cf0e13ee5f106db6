import t from 'tap'
import { rowsOf, testsNamedIn } from './support/evidence.ts'

const rows = rowsOf('docs/asvs.md')

/** How many rows there are of each numbered kind; the requirements of the standards have numbers of their own. */
const NUMBERED = { 'V-': 23, B: 18, C: 11, F: 10, 'R-': 12 }

t.test('docs/asvs.md has all the requirements, each once', async (t) => {
  const ids = rows.map(([id]) => id)
  const numbered = Object.entries(NUMBERED).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, i) => `${kind}${i + 1}`),
  )
  t.strictSame(
    ids.filter((id) => /^([VR]-|[BCF])\d/.test(id ?? '')),
    numbered,
  )
  t.equal(ids.length - numbered.length, 86)
  t.equal(new Set(ids).size, ids.length)
})

t.test('no row is empty', async (t) => {
  for (const row of rows) {
    t.equal(row.length, 3, row.join())
    for (const cell of row) if (cell.trim().length < 2) t.fail(row.join(' | '))
  }
})

t.test('every test that docs/asvs.md names is there, by that name', async (t) => {
  let named = 0
  for (const [id = '', , evidence = ''] of rows)
    for (const { name, file, isThere } of testsNamedIn(evidence)) {
      named++
      t.ok(isThere, `${id}: ${name} in ${file}`)
    }
  t.ok(named > 200)
})

t.test('every row names a test, or gives its reason in a sentence', async (t) => {
  for (const [id = '', , evidence = ''] of rows)
    t.match(evidence, /\]\(\.\.\/test\/|[A-Z][^|]{30,}\.|\]\(security-decisions\.md\)/, id)
})
