import { type Fault, pause } from '../fault.ts'
import type { Way } from '../line.ts'

export const fault: Fault = {
  name: 'one-way',
  about:
    'between an instance and Redis or PostgreSQL, only requests or only answers are lost, late by up to 1.5 s, or held for up to 3 s',
  topologies: ['single', 'postgres'],
  keepsSessions: true,
  sqlAway: true,
  async strike({ lines, sqlLines }, random) {
    const all = lines.length > 0 && random() < 0.6 ? lines : sqlLines
    const line = all[Math.floor(random() * all.length)]
    const way: Way = random() < 0.5 ? 'there' : 'back'
    const dice = random()
    if (dice < 0.3) line?.lose(way)
    else if (dice < 0.6) line?.delay(50 + random() * 1_450, way)
    else void line?.hold(way)
    await pause(300 + random() * 2_700)
    line?.heal()
  },
}
