import t from 'tap'
import { rowsOf, testsNamedIn } from './support/evidence.ts'

const rows = rowsOf('docs/pitfalls.md')

t.test('docs/pitfalls.md has every pitfall once, in order', async (t) => {
  t.strictSame(
    rows.map(([number]) => number),
    Array.from({ length: 47 }, (_, i) => `P${i + 1}`),
  )
})

t.test('each names tests that are there, or gives its reason in a sentence', async (t) => {
  for (const [number = '', what = '', evidence = ''] of rows) {
    t.match(what, /^[A-Z].+\.$/, `${number} says what goes wrong`)
    const tests = testsNamedIn(evidence)
    for (const { name, file, isThere } of tests) t.ok(isThere, `${number}: ${name} in ${file}`)
    if (tests.length === 0) t.match(evidence, /^[A-Z].{30,}\.$/, `${number} gives a reason`)
  }
})
