import { mock } from 'node:test'
import t from 'tap'
import { LIMITS, LONGEST_WAIT, RETRY } from '../../src/throttle/limits.ts'
import { localCounters } from '../../src/throttle/local.ts'
import { type Throttle, throttleWith } from '../../src/throttle/throttle.ts'

// The owner of an account, at a device that nobody knows, gets in while strangers guess at the name. The clock is set.

Error.stackTraceLimit = 0 // thousands of refusals

/** Seconds of attack before the first owner comes, between two owners, and until the last has to be in. */
const [BEFORE, BETWEEN, LIMIT] = [40, 11, 120]
const OWNERS = 4

/** How often an attacker tries in this second. `told` is from when on the last answer allows it. */
type Attack = (second: number, address: number, told: number) => number

const EVERY_SECOND: Attack = () => 1
const EVERY_TEN_SECONDS: Attack = (second, i) => (second % 10 === i % 10 ? 1 : 0)
const EVERY_TWENTY_SECONDS: Attack = (second, i) => (second % 20 === i % 20 ? 1 : 0)
const IN_BURSTS: Attack = (second) => (second % 45 === 0 ? 5 : 0)
const AS_TOLD: Attack = (second, _i, told) => (second >= told ? 1 : 0)

/** What they do, from how many addresses, and how many guesses each address has from its retry slots in a minute. */
const ATTACKS: [what: string, attack: Attack, addresses: number, guesses: number][] = [
  ['hammer every second', EVERY_SECOND, 1, 0],
  ['hammer every second', EVERY_SECOND, 50, 0],
  ['hammer every ten seconds', EVERY_TEN_SECONDS, 1, 0],
  ['hammer every ten seconds', EVERY_TEN_SECONDS, 50, 0],
  ['hammer every ten seconds', EVERY_TEN_SECONDS, 1000, 0],
  ['come in bursts', IN_BURSTS, 1, 0],
  ['come in bursts', IN_BURSTS, 50, 0],
  ['come in bursts', IN_BURSTS, 1000, 0],
  ['try every twenty seconds', EVERY_TWENTY_SECONDS, 1, 1],
  ['try every twenty seconds', EVERY_TWENTY_SECONDS, 50, 1],
  ['try every twenty seconds', EVERY_TWENTY_SECONDS, 1000, 1],
  ['wait as they are told', AS_TOLD, 1, RETRY.tries],
  ['wait as they are told', AS_TOLD, 50, RETRY.tries],
  ['wait as they are told', AS_TOLD, 1000, RETRY.tries],
]

for (const [what, attack, addresses, guessesOfOne] of ATTACKS)
  t.test(`while strangers at ${addresses} addresses ${what}, the owner gets in`, async (t) => {
    const { waits, guesses, seconds } = await besiege(attack, addresses)
    t.equal(waits.length, OWNERS, 'each of them')
    t.ok(Math.max(...waits) <= RETRY.wait, `after ${Math.max(...waits)} s`)
    const minutes = Math.ceil(seconds / LONGEST_WAIT)
    t.ok(guesses <= LIMITS.name.free + addresses * minutes * guessesOfOne)
    t.comment(`${guesses} guesses in ${seconds} s`)
  })

t.test('also at a device that is behind the address of the one who guesses now and then', async (t) => {
  const { waits } = await besiege(EVERY_TWENTY_SECONDS, 1, { ownersAt: () => addressOf(0) })
  t.equal(waits.length, OWNERS)
  t.ok(Math.max(...waits) <= LIMIT, `after ${Math.max(...waits)} s`)
})

t.test('and if they were too early twice, or mistyped', async (t) => {
  for (const clumsy of [[1, 2], [1, 1], [RETRY.wait]]) {
    const { waits } = await besiege(EVERY_SECOND, 5, { clumsy })
    t.equal(waits.length, OWNERS)
    t.ok(Math.max(...waits) <= LIMIT, `after ${Math.max(...waits)} s`)
  }
})

type Siege = {
  ownersAt?: (i: number) => string
  /** Seconds after which the owner tries again without being told to, with another password than theirs. */
  clumsy?: readonly number[]
}

/** Lets everybody try, second by second, and gives how long each owner waited. */
async function besiege(attack: Attack, addresses: number, siege: Siege = {}) {
  const { ownersAt = (i: number) => `203.0.113.${i}`, clumsy = [] } = siege
  mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1) })
  const throttle = throttleWith(localCounters(), 'the secret of this test')
  const told = new Array<number>(addresses).fill(0)
  const waits: number[] = []
  let guesses = 0
  const owners = Array.from({ length: OWNERS }, (_, i) => ({
    address: ownersAt(i),
    came: BEFORE + i * BETWEEN,
    next: BEFORE + i * BETWEEN,
    mistakes: clumsy.map((after) => BEFORE + i * BETWEEN + after),
    isIn: false,
  }))
  let second = 0
  for (; second < BEFORE + OWNERS * BETWEEN + LIMIT && waits.length < OWNERS; second++) {
    const now = second
    const strangers = told.flatMap((until, i) =>
      Array.from({ length: attack(now, i, until) }, async () => {
        const wait = await tryAt(throttle, addressOf(i), false)
        if (wait === null) guesses++
        else told[i] = now + wait
      }),
    )
    const tries = owners.map(async (owner) => {
      if (owner.mistakes.includes(now)) {
        const wait = await tryAt(throttle, owner.address, false)
        if (wait !== null) owner.next = now + wait
      }
      if (owner.isIn || owner.next !== now) return
      const wait = await tryAt(throttle, owner.address, true)
      owner.isIn = wait === null
      if (owner.isIn) waits.push(now - owner.came)
      else owner.next = now + (wait ?? 0)
    })
    await Promise.all([...strangers, ...tries])
    mock.timers.tick(1000)
  }
  mock.timers.reset()
  return { waits, guesses, seconds: second }
}

/** Seconds to wait, or null if the password was looked at. */
async function tryAt(throttle: Throttle, address: string, verified: boolean): Promise<number | null> {
  const attempt = { username: 'ann', address, device: null }
  const outcome = await throttle(attempt, async () => ({ verified })).catch((error) => error)
  return 'verified' in outcome ? null : Number(outcome.headers['retry-after'])
}

function addressOf(i: number): string {
  return `198.18.${i >> 8}.${i & 255}`
}
