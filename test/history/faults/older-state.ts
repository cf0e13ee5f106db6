import { type Fault, need, pause } from '../fault.ts'
import { touchInterval } from '../history.ts'
import { pick } from '../moves.ts'
import { noteState, WAYS_BACK } from '../older-state.ts'

export const fault: Fault = {
  name: 'older-state',
  about:
    'Redis has the state of 400 ms before, under the same name: by RESTORE of each key, DEBUG RELOAD NOSAVE or SWAPDB',
  topologies: ['single'],
  setup: { redisArgs: ['--enable-debug-command', 'yes'] },
  async strike(world, random) {
    const { client } = need(world.redis).server
    const goBack = await noteState[pick(WAYS_BACK, random) ?? 'restore'](client)
    await pause(400)
    const from = performance.now()
    await goBack()
    world.believed.push({ from, to: performance.now() + touchInterval(world.idleTimeout) })
  },
}
