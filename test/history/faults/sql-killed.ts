import { type Fault, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'sql-killed',
  about: 'kill -9 of PostgreSQL, which recovers what was committed',
  topologies: ['single', 'postgres'],
  keepsSessions: true,
  sqlAway: true,
  async strike({ sql }) {
    await sql.server.kill()
    await pause(200)
    await sql.server.start()
  },
}
