import { type Fault, need, pause } from '../fault.ts'
import { NOTHING_RUNS_OUT } from './master-led-back.ts'

export const fault: Fault = {
  name: 'sql-standby-asked',
  about:
    'Redis starts again from a snapshot one second old, while a PostgreSQL standby that is as far behind answers in place of the primary for 2 s',
  topologies: ['single'],
  setup: { standby: true, ...NOTHING_RUNS_OUT },
  sqlAway: true,
  async strike({ redis, sql, sqlLine }) {
    const [{ server }, standby, copying] = [need(redis), need(sql.replica), need(sql.copying)]
    await standby.catchUp(sql.server.port)
    copying.cut()
    await server.client.save()
    await pause(1_000)
    await server.kill()
    sqlLine.lead(standby.port)
    sqlLine.drop()
    await server.start()
    await pause(2_000)
    sqlLine.lead(sql.server.port)
    sqlLine.drop()
    copying.heal()
  },
}
