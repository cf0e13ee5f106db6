import { type Fault, need, pause } from '../fault.ts'
import { copyAgain, putBack } from '../put-back.ts'

export const fault: Fault = {
  name: 'late-swap',
  about:
    'what two instances write is held back while the master is overwritten by a lagging replica and promoted again; then it arrives',
  topologies: ['pair'],
  async strike(world, random) {
    const redis = need(world.redis)
    const free = Math.floor(random() * world.lines.length)
    const slow = world.lines.filter((_, i) => i !== free)
    need(redis.copying).cut()
    for (const line of slow) void line.hold('there', isWrite)
    await pause(300)
    await putBack(redis)
    for (const line of slow) line.heal()
    await copyAgain(redis)
  },
}

/** Only what writes carries a record, and is long. */
function isWrite(bytes: Buffer): boolean {
  return bytes.length > 400
}
