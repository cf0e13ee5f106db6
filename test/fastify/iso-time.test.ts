import fc from 'fast-check'
import t from 'tap'
import { isoTime } from '../../src/fastify/iso-time.ts'

const LAST = 8_640_000_000_000_000

t.test('every time is written as Date writes it', async (t) => {
  const anyTime = fc.oneof(fc.integer({ min: 0, max: 4_102_444_800_000 }), fc.maxSafeInteger())
  const edges = [
    0,
    -1,
    1_700_000_000_000.5,
    951_782_399_999,
    951_782_400_000,
    253_402_300_799_999,
    253_402_300_800_000,
    LAST,
  ]
  const examples = edges.map((ms): [number] => [ms])
  const isSame = (ms: number) => isoTime(ms % (LAST + 1)) === new Date(ms % (LAST + 1)).toISOString()
  t.doesNotThrow(() => fc.assert(fc.property(anyTime, isSame), { numRuns: 20_000, examples }))
})

t.test('what is no time is refused, as Date refuses it', async (t) => {
  t.throws(() => isoTime(Number.NaN), RangeError)
  t.throws(() => isoTime(LAST + 1), RangeError)
})
