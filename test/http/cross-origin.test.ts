import t from 'tap'
import { ownOrigins } from '../../src/http/cross-origin.ts'

t.test('the origins of a connection are written as browsers write them', async (t) => {
  t.strictSame([...ownOrigins('127.0.0.1', 3000)], ['http://127.0.0.1:3000', 'http://localhost:3000'])
  t.strictSame([...ownOrigins('::1', 3000)], ['http://[::1]:3000', 'http://localhost:3000'])
  t.strictSame([...ownOrigins('::ffff:192.0.2.7', 80)], ['http://192.0.2.7'])
  t.strictSame([...ownOrigins('2001:db8::7', 8080)], ['http://[2001:db8::7]:8080'])
})

t.test('a connection that is gone has none', async (t) => {
  t.equal(ownOrigins(undefined, undefined).size, 0)
})
