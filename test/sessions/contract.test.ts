import t from 'tap'
import { BOTH_ENDS } from '../support/service.ts'
import { openSessionStores } from '../support/session-stores.ts'
import { claimContract } from './contract/claim.ts'
import { damageContract } from './contract/damage.ts'
import { extendContract } from './contract/extend.ts'
import { findContract } from './contract/find.ts'
import { releaseContract } from './contract/release.ts'
import { revokeContract } from './contract/revoke.ts'
import { updateContract } from './contract/update.ts'

// What sessions promise over a store that can lose what SQL keeps, and over one that cannot. That every store does what
// `SessionStore` says is for the stores' own contract.

for (const engine of BOTH_ENDS) {
  t.test(engine, async (t) => {
    const stores = await openSessionStores(t, engine)
    for (const contract of [
      claimContract,
      findContract,
      extendContract,
      releaseContract,
      revokeContract,
      updateContract,
      damageContract,
    ])
      contract(t, stores)
  })
}
