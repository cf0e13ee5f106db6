import fc from 'fast-check'
import t from 'tap'
import { limitPolicies } from '../../src/sessions/options.ts'

const USUAL = { limit: 2, onLimit: 'ask', refuseWhileSeen: 300_000 } as const

t.test(
  'a user has as many seats as the most generous of their roles, else the usual number',
  async (t) => {
    const policyFor = limitPolicies(USUAL, [
      ['admin', 5],
      ['kiosk', 1],
    ])
    const limitOf = (...roles: string[]) => policyFor(roles).limit
    t.equal(limitOf(), 2)
    t.equal(limitOf('editor'), 2)
    t.equal(limitOf('kiosk'), 1, 'a role may have fewer seats than usual')
    t.equal(limitOf('kiosk', 'admin'), 5)
    t.equal(limitOf('admin', 'editor', 'kiosk'), 5)
    t.match(policyFor(['admin']), { onLimit: 'ask', refuseWhileSeen: 300_000 })
  },
)

t.test('without limits of roles every user has the same policy', async (t) => {
  const policyFor = limitPolicies(USUAL, [])
  t.strictSame(policyFor(['admin']), USUAL)
  t.equal(policyFor(['admin']), policyFor([]), 'and it is made once')
})

t.test('neither the order of roles nor a role without a limit makes a difference', async () => {
  const limits = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-f]$/), fc.integer({ min: 1, max: 9 })), {
    selector: ([role]) => role,
  })
  const roles = fc.uniqueArray(fc.stringMatching(/^[a-h]$/))
  fc.assert(
    fc.property(limits, roles, (limits, roles) => {
      const policyFor = limitPolicies(USUAL, limits)
      const named = limits.filter(([role]) => roles.includes(role)).map(([, limit]) => limit)
      const expected = named.length === 0 ? 2 : Math.max(...named)
      return policyFor(roles).limit === expected && policyFor(roles.toReversed()).limit === expected
    }),
  )
})
