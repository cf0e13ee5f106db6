import type { Driver } from './driver.ts'
import type { Op, Policy } from './history.ts'
import type { Violation } from './rules/report.ts'
import type { World } from './world.ts'

/**
 * When all is quiet: of all cookies that were ever issued to a user no more are accepted than there are seats, and every
 * instance says the same; and Redis holds at most one record per user, none of them for ever.
 */
export async function findEnd(driver: Driver, world: World, { limit }: Policy): Promise<Violation[]> {
  const violations: Violation[] = []
  const births = driver.ops.filter((op) => op.issued !== null)
  for (const [user, own] of Map.groupBy(births, (op) => op.user)) {
    const alive = new Map<string, Op>()
    for (let start = 0; start < own.length; start += AT_ONCE) {
      const some = own.slice(start, start + AT_ONCE)
      const asked = some.map(({ issued }, i) => ask(driver, world, user, issued, i))
      for (const op of await Promise.all(asked)) if (op.res === 'ok') alive.set(String(op.sid), op)
    }
    // Every instance is asked; what they say goes into the history, and the rules judge it.
    await Promise.all(
      [...alive.keys()].flatMap((sid) =>
        world.instances.urls.map((_, i) => ask(driver, world, user, sid, i)),
      ),
    )
    for (const op of [...alive.values()].slice(limit)) {
      violations.push({ rule: 'END', op, detail: `${alive.size} sessions of one user are alive` })
    }
  }
  const [op] = births
  if (op !== undefined) {
    for (const detail of await lookInside(world)) violations.push({ rule: 'END', op, detail })
  }
  return violations
}

function ask(driver: Driver, world: World, user: string, sid: string | null, i: number): Promise<Op> {
  return driver.call({
    type: 'me',
    user,
    instance: i % world.instances.urls.length,
    sid,
    method: 'GET',
    path: '/me',
  })
}

async function lookInside({ redis }: World): Promise<string[]> {
  if (redis === null) return []
  const { client } = redis.server
  const wrong: string[] = []
  for (const key of await client.keys('*')) {
    if ((await client.pttl(key)) < 0) wrong.push(`${key} is kept for ever`)
    if (!/^oneseat:([\w-]{16}|ready)$/.test(key)) wrong.push(`${key} is not the record of a user`)
  }
  return wrong
}

const AT_ONCE = 24
