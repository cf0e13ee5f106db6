import { readFileSync } from 'node:fs'
import t from 'tap'
import { BUCKETS } from '../../src/throttle/buckets.ts'
import { LIMITS, LONGEST_WAIT, RETRY } from '../../src/throttle/limits.ts'
import { rowsOf } from '../support/evidence.ts'

t.test(
  'A 6.1.1: docs/security-decisions.md has the limits, keys and windows that are in force',
  async (t) => {
    const rows = rowsOf('docs/security-decisions.md')
      .filter((row) => row.length === 4)
      .slice(0, 4)
    const limits = [LIMITS.name, LIMITS.network, LIMITS.device, LIMITS.registration]
    for (const [i, { free, window }] of limits.entries()) {
      const [who = '', , ...numbers] = rows[i] ?? []
      t.strictSame(numbers, [String(free), window === 3600 ? '1 hour' : `${window / 60} minutes`], who)
    }
    const text = readFileSync('docs/security-decisions.md', 'utf8').replace(/\s+/g, ' ')
    t.match(text, `in ${BUCKETS.toLocaleString('en')} buckets`)
    t.match(text, `opens after ${RETRY.wait} seconds`)
    t.match(text, `stays open for ${RETRY.open} seconds and for ${RETRY.tries} attempts`)
    t.match(text, `longer than ${LONGEST_WAIT} seconds`)
  },
)
