import t from 'tap'
import { medianOf, separate } from './statistics.ts'

const ramp = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i)

t.test('a median', async (t) => {
  t.equal(medianOf([3, 1, 2]), 2)
  t.equal(medianOf([4, 1, 2, 10]), 3)
})

t.test('what is alike is not told apart', async (t) => {
  const { shift, share, p } = separate(ramp(100, 0), ramp(100, 0))
  t.equal(shift, 0)
  t.equal(share, 0.5)
  t.ok(p > 0.99)
})

t.test('what is later is told apart, by how much and how surely', async (t) => {
  const { shift, share, p } = separate(ramp(100, 0), ramp(100, 20))
  t.equal(shift, 20)
  t.ok(share > 0.6 && share < 0.7)
  t.ok(p < 0.001)
})

t.test('the probability is that of the normal distribution', async (t) => {
  // U = 2 of 9, by which z = -1.0911; both tails together 0.2752.
  t.match(separate([3, 4, 6], [1, 2, 5]).p.toFixed(4), '0.2752')
})
