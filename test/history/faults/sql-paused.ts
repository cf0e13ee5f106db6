import { type Fault, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'sql-paused',
  about: 'all processes of PostgreSQL stand still for 0.5 to 3 s',
  topologies: ['single', 'postgres'],
  keepsSessions: true,
  async strike({ postgres }, random) {
    postgres.pause()
    await pause(500 + random() * 2_500)
    postgres.resume()
  },
}
