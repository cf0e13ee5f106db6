import t from 'tap'
import { openSeatStores } from '../support/seat-stores.ts'
import { ENGINES } from '../support/service.ts'
import { renewContract } from './steward/renew.ts'
import { revokeContract } from './steward/revoke.ts'
import { updateContract } from './steward/update.ts'

for (const engine of ENGINES) {
  t.test(engine, async (t) => {
    const stores = await openSeatStores(t, engine)
    for (const contract of [revokeContract, updateContract, renewContract]) contract(t, stores)
  })
}
