import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { keepTickShape } from '../../src/http/tick-shape.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

t.test('what Node queued is held for good', async (t) => {
  const kept = new WeakRef(keepTickShape() ?? t)
  t.match(Object.keys(kept.deref() ?? {}), ['callback', 'args'])
  await setImmediate()
  collectGarbage()
  t.ok(kept.deref(), 'though nobody else has it')
})
