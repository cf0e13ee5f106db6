import t from 'tap'
import { pauseAfter } from '../../src/outbox/pauses.ts'

const LEAST = () => Buffer.from([0])
const MOST = () => Buffer.from([255])

t.test('pauses grow from some ten seconds to about an hour', async (t) => {
  t.ok(pauseAfter(1, MOST) < 60_000)
  t.strictSame(
    [1, 2, 3, 9, 10, 500].map((attempts) => pauseAfter(attempts, LEAST)),
    [8_000, 16_000, 32_000, 2_048_000, 2_880_000, 2_880_000],
  )
  t.equal(pauseAfter(500, MOST), 4_320_000)
})

t.test('what failed together does not come back together', async (t) => {
  t.ok(pauseAfter(5, LEAST) < pauseAfter(5, MOST))
})
