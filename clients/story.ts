import assert from 'node:assert/strict'
import { type Connect, fetchWithJar } from './device.ts'

/**
 * Login, list, kick and dispute with one generated client against a service that seats two: the same story, told by the
 * client's own types.
 */
export async function tellStory(connect: Connect, url: string, username: string): Promise<void> {
  const device = () => connect(url, fetchWithJar(), username)
  const [laptop, phone, tablet] = [device(), device(), device()]
  await laptop.register()
  assert.equal(await laptop.whoAmI(), 'unauthenticated')
  await assert.rejects(laptop.register(), { message: 'username_taken' })

  await laptop.login('laptop')
  await phone.login('phone')
  assert.equal(await laptop.whoAmI(), 'laptop')
  const seats = await phone.sessions()
  assert.deepEqual(seats.map((each) => each.device.name).sort(), ['laptop', 'phone'])
  const other = seats.find((each) => !each.current)
  await phone.kick(other?.id ?? '')
  assert.equal(await laptop.whoAmI(), 'session_revoked')

  await laptop.login('laptop')
  await tablet.login('tablet') // a third, so the oldest login makes way
  assert.equal(await phone.whoAmI(), 'session_replaced by tablet from 127.0.0.0/24')
  await phone.dispute()
  assert.equal(await tablet.whoAmI(), 'session_disputed')
  assert.match(await laptop.metrics(), /^# HELP /)
}
