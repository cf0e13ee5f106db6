import { pause } from './fault.ts'
import { isBusy, type Load, WATCHED } from './generator.ts'
import type { Op } from './history.ts'
import { PASSWORDS, pick } from './moves.ts'

/** Administrators that this file needs, and somebody who is given their role and loses it again. */
export const ADMINISTRATORS = ['boss', 'chief'] as const
export const HELPER = 'helper'

/** Ids of the users, by name. */
type Ids = ReadonlyMap<string, string>

/** An administrator who grants and withdraws a role while its holder uses it on every instance. */
export async function changeRoles(load: Load, ids: Ids): Promise<void> {
  let boss: string | null = null
  let helper: string | null = null
  while (!load.stopped()) {
    boss ??= await signIn(load, 'boss')
    helper ??= await signIn(load, HELPER)
    if (boss === null || helper === null) {
      await pause(100)
      continue
    }
    const ops = await grantAndWithdraw(load, boss, helper, ids)
    if (ops.some((op) => op.res === 'denied' && op.sid === boss)) boss = null
    if (ops.some((op) => op.res === 'denied' && op.sid === helper)) helper = null
    await pause(30)
  }
}

async function grantAndWithdraw(load: Load, boss: string, helper: string, ids: Ids): Promise<Op[]> {
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

/** An administrator who ends all sessions of somebody, or disables their account for a moment. */
export async function endSessions(load: Load, ids: Ids): Promise<void> {
  const busy = load.users.filter((_, i) => isBusy(i))
  let chief: string | null = null
  while (!load.stopped()) {
    await pause(200 + load.random() * 400)
    chief ??= await signIn(load, 'chief')
    if (chief === null) continue
    const user = pick(load.random() < 0.5 ? busy : WATCHED, load.random) ?? ''
    const path = `/admin/users/${ids.get(user)}`
    const op =
      load.random() < 0.3
        ? await ask(load, 'revoke', user, chief, 'DELETE', `${path}/sessions`)
        : await disable(load, user, chief, path)
    if (op.res === 'denied') chief = null
  }
}

/** Disables an account and enables it again, however often that takes. */
async function disable(load: Load, user: string, chief: string, path: string): Promise<Op> {
  const change = (disabled: boolean) =>
    ask(load, disabled ? 'disable' : 'enable', user, chief, 'PATCH', path, { disabled })
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
