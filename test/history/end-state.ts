import type { Driver } from './driver.ts'
import type { Op } from './history.ts'
import type { Violation } from './rules.ts'
import type { World } from './world.ts'

/**
 * When all is quiet: of all cookies that were ever issued to a user at most one is accepted, and every instance says the
 * same; and Redis holds at most one record per user, none of them for ever.
 */
export async function findEnd(driver: Driver, world: World): Promise<Violation[]> {
  const violations: Violation[] = []
  const logins = driver.ops.filter((op) => op.type === 'login' && op.res === 'ok')
  for (const [user, own] of Map.groupBy(logins, (op) => op.user)) {
    const alive = new Map<string, Op>()
    for (let start = 0; start < own.length; start += AT_ONCE) {
      const asked = own.slice(start, start + AT_ONCE).map((login, i) => ask(driver, user, login.sid, i))
      for (const op of await Promise.all(asked)) if (op.res === 'ok') alive.set(String(op.sid), op)
    }
    // Every instance is asked; what they say goes into the history, and the rules judge it.
    await Promise.all(
      [...alive.keys()].flatMap((sid) => world.urls.map((_, i) => ask(driver, user, sid, i))),
    )
    for (const op of [...alive.values()].slice(1)) {
      violations.push({ rule: 'END', op, detail: `${alive.size} sessions of one user are alive` })
    }
  }
  const [op] = logins
  if (op !== undefined) {
    for (const detail of await lookInside(world)) violations.push({ rule: 'END', op, detail })
  }
  return violations
}

function ask(driver: Driver, user: string, sid: string | null, i: number): Promise<Op> {
  return driver.call({ type: 'me', user, instance: i % 3, sid, method: 'GET', path: '/me' })
}

async function lookInside({ redis }: World): Promise<string[]> {
  if (redis === null) return []
  const wrong: string[] = []
  for (const key of await redis.client.keys('*')) {
    if ((await redis.client.pttl(key)) < 0) wrong.push(`${key} is kept for ever`)
    if (!/^oneseat:[\w-]{16}$/.test(key)) wrong.push(`${key} is not the record of a user`)
  }
  return wrong
}

const AT_ONCE = 24
