import { readFileSync } from 'node:fs'
import t from 'tap'
import { BUCKETS } from '../../src/throttle/buckets.ts'
import { REGISTRATIONS } from '../../src/throttle/registrations.ts'
import { BRAKES } from '../../src/throttle/throttle.ts'
import { rowsOf } from '../support/evidence.ts'

t.test(
  'A 6.1.1: docs/security-decisions.md has the limits, keys and windows that are in force',
  async (t) => {
    const rows = rowsOf('docs/security-decisions.md').filter((row) => row.length === 5)
    const brakes = [BRAKES.name, BRAKES.network, BRAKES.device, REGISTRATIONS]
    t.equal(rows.length, brakes.length)
    for (const [i, { free, window, longest, forgive }] of brakes.entries()) {
      const [who = '', , ...numbers] = rows[i] ?? []
      const time = window === 3600 ? '1 hour' : `${window / 60} minutes`
      const forgotten = forgive ? `${time}, or a success` : time
      t.strictSame(numbers, [String(free), forgotten, `${longest} s`], who)
    }
    const text = readFileSync('docs/security-decisions.md', 'utf8')
    t.match(text, `in ${BUCKETS.toLocaleString('en')} buckets`)
  },
)
