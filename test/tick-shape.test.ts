import t from 'tap'
import { keepTickShape } from '../src/tick-shape.ts'

t.test('it is what Node queues that is kept', async (t) => {
  t.match(Object.keys(keepTickShape() ?? {}), ['callback', 'args'])
})
