import { type Load, pick } from './generator.ts'
import type { Op, OpType } from './history.ts'

/** Users that `administrate` needs: one with the role `admin`, and one who is given it and loses it again. */
export const BOSS = 'boss'
export const HELPER = 'helper'

/**
 * An administrator who grants and withdraws a role while its holder uses it on every instance, and now and then ends all
 * sessions of somebody. `ids`: of the users, by name.
 */
export async function administrate(load: Load, ids: ReadonlyMap<string, string>): Promise<void> {
  let boss: string | null = null
  let helper: string | null = null
  while (!load.stopped()) {
    boss ??= await signIn(load, BOSS)
    helper ??= await signIn(load, HELPER)
    if (boss === null || helper === null) {
      await pause(100)
      continue
    }
    const cookie = helper
    const use = () => ask(load, 'admin', HELPER, cookie, 'GET', '/admin/users?limit=1')
    const change = (type: 'grant' | 'withdraw', by: string) =>
      ask(load, type, HELPER, by, 'PATCH', `/admin/users/${ids.get(HELPER)}`, {
        roles: type === 'grant' ? ['admin'] : [],
      })
    const ops = await Promise.all([change('grant', boss), use(), use()])
    ops.push(await use())
    ops.push(...(await Promise.all([change('withdraw', boss), use(), use()])))
    ops.push(...(await Promise.all([use(), use(), use()])))
    if (load.random() < 0.2) {
      const user = pick(load.users, load.random)
      ops.push(await ask(load, 'revoke', user, boss, 'DELETE', `/admin/users/${ids.get(user)}/sessions`))
    }
    if (ops.some((op) => op.res === 'denied' && op.sid === boss)) boss = null
    if (ops.some((op) => op.res === 'denied' && op.sid === helper)) helper = null
    await pause(30)
  }
}

async function signIn(load: Load, user: string): Promise<string | null> {
  const body = { username: user, password: load.password }
  return (await ask(load, 'login', user, null, 'POST', '/login', body)).sid
}

function ask(
  { driver, instances, random }: Load,
  type: OpType,
  user: string,
  sid: string | null,
  method: string,
  path: string,
  body?: unknown,
): Promise<Op> {
  const instance = Math.floor(random() * instances)
  return driver.call({
    type,
    user,
    instance,
    sid,
    method,
    path,
    ...(body === undefined ? {} : { body }),
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
