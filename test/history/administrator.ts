import { pause } from './fault.ts'
import { isBusy, type Load, WATCHED } from './generator.ts'
import type { Op } from './history.ts'
import { PASSWORDS, pick } from './moves.ts'

/** Users that `administrate` needs: one with the role `admin`, and one who is given it and loses it again. */
export const BOSS = 'boss'
export const HELPER = 'helper'

/**
 * An administrator who grants and withdraws a role while its holder uses it on every instance, and now and then ends all
 * sessions of somebody, or disables their account for a moment. `ids`: of the users, by name.
 */
export async function administrate(load: Load, ids: ReadonlyMap<string, string>): Promise<void> {
  const busy = load.users.filter((_, i) => isBusy(i))
  let boss: string | null = null
  let helper: string | null = null
  while (!load.stopped()) {
    boss ??= await signIn(load, BOSS)
    helper ??= await signIn(load, HELPER)
    if (boss === null || helper === null) {
      await pause(100)
      continue
    }
    const ops = await changeRoles(load, boss, helper, ids)
    const user = pick(load.random() < 0.5 ? busy : WATCHED, load.random) ?? ''
    const dice = load.random()
    if (dice < 0.1) {
      const path = `/admin/users/${ids.get(user)}/sessions`
      ops.push(await ask(load, 'revoke', user, boss, 'DELETE', path))
    } else if (dice < 0.3) ops.push(await disable(load, user, boss, ids))
    if (ops.some((op) => op.res === 'denied' && op.sid === boss)) boss = null
    if (ops.some((op) => op.res === 'denied' && op.sid === helper)) helper = null
    await pause(30)
  }
}

async function changeRoles(
  load: Load,
  boss: string,
  helper: string,
  ids: ReadonlyMap<string, string>,
): Promise<Op[]> {
  const use = () => ask(load, 'admin', HELPER, helper, 'GET', '/admin/users?limit=1')
  const change = (type: 'grant' | 'withdraw') =>
    ask(load, type, HELPER, boss, 'PATCH', `/admin/users/${ids.get(HELPER)}`, {
      roles: type === 'grant' ? ['admin'] : [],
    })
  return [
    ...(await Promise.all([change('grant'), use(), use()])),
    await use(),
    ...(await Promise.all([change('withdraw'), use(), use()])),
    ...(await Promise.all([use(), use(), use()])),
  ]
}

/** Disables an account and enables it again, however often that takes. */
async function disable(
  load: Load,
  user: string,
  boss: string,
  ids: ReadonlyMap<string, string>,
): Promise<Op> {
  const change = (disabled: boolean) =>
    ask(load, disabled ? 'disable' : 'enable', user, boss, 'PATCH', `/admin/users/${ids.get(user)}`, {
      disabled,
    })
  await change(true)
  await pause(load.random() * 150)
  for (;;) {
    const op = await change(false)
    if (op.res === 'ok' || op.res === 'denied' || load.stopped()) return op
    await pause(50)
  }
}

async function signIn(load: Load, username: string): Promise<string | null> {
  const body = { username, password: PASSWORDS[0], device: load.driver.newDevice() }
  return (await ask(load, 'login', username, null, 'POST', '/login', body)).issued
}

function ask(
  { driver, instances, random }: Load,
  type: Op['type'],
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
