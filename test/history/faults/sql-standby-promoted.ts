import { startPostgres } from '../../support/postgres.ts'
import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'sql-standby-promoted',
  about:
    'a PostgreSQL standby that missed the last 1.5 s is promoted after kill -9 of the primary; Redis has lost nothing',
  topologies: ['single'],
  setup: { standby: true },
  keepsSessions: true,
  losesSql: true,
  sqlAway: true,
  async strike({ sql, sqlLine }) {
    const [old, next, copying] = [sql.server, need(sql.replica), need(sql.copying)]
    copying.cut()
    await pause(1_500)
    await old.kill()
    await next.promote()
    sqlLine.lead(next.port)
    sqlLine.drop()
    sql.server = next
    await old.stop()
    copying.lead(next.port)
    copying.heal()
    sql.replica = await startPostgres({ standbyOf: next.port, by: copying.port })
  },
}
