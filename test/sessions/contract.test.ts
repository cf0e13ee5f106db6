import t from 'tap'
import { openSeatStores } from '../support/seat-stores.ts'
import { ENGINES } from '../support/service.ts'
import { sessionsContract } from './contract.ts'

for (const engine of ENGINES) {
  t.test(engine, async (t) => sessionsContract(t, await openSeatStores(t, engine)))
}
