import t from 'tap'
import { openSeatStores } from '../support/seat-stores.ts'
import { ENGINES } from '../support/service.ts'
import { claimContract } from './contract/claim.ts'
import { damageContract } from './contract/damage.ts'
import { extendContract } from './contract/extend.ts'
import { findContract } from './contract/find.ts'
import { releaseContract } from './contract/release.ts'

// What the four verbs promise on every engine, in the order of their comments.

for (const engine of ENGINES) {
  t.test(engine, async (t) => {
    const stores = await openSeatStores(t, engine)
    for (const contract of [
      claimContract,
      findContract,
      extendContract,
      releaseContract,
      damageContract,
    ])
      contract(t, stores)
  })
}
