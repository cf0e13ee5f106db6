import { type Fault, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'sql-paused',
  about: 'all processes of PostgreSQL stand still for 0.5 to 3 s',
  topologies: ['single', 'postgres'],
  keepsSessions: true,
  sqlAway: true,
  async strike({ sql }, random) {
    sql.server.pause()
    await pause(500 + random() * 2_500)
    sql.server.resume()
  },
}
