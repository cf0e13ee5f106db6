import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'lines-cut',
  about: 'the connections to Redis, to PostgreSQL or to both are reset, and stay cut for up to 1 s',
  topologies: ['single'],
  keepsSessions: true,
  sqlAway: true,
  async strike(world, random) {
    const dice = random()
    const lines = [...(dice < 0.7 ? [need(world.line)] : []), ...(dice > 0.4 ? [world.sqlLine] : [])]
    for (const line of lines) line.cut()
    await pause(random() < 0.5 ? 0 : random() * 1_000)
    for (const line of lines) line.heal()
  },
}
