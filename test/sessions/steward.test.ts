import t from 'tap'
import { openSeatStores } from '../support/seat-stores.ts'
import { ENGINES } from '../support/service.ts'
import { stewardContract } from './steward-contract.ts'

for (const engine of ENGINES) {
  t.test(engine, async (t) => stewardContract(t, await openSeatStores(t, engine)))
}
