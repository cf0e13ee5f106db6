import pg from 'pg'

/**
 * Loaded into an instance before the program: after the signal SIGWINCH, the next request that takes a login number in SQL
 * stops the whole process when it has it, and before it can do anything with it. SIGCONT has the process go on, or wait for no such request any more.
 */
let armed = false
process.on('SIGWINCH', () => {
  armed = true
})
process.on('SIGCONT', () => {
  armed = false
})

const query = pg.Client.prototype.query as (...given: unknown[]) => unknown

const taking = new WeakSet<pg.Client>()

pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]): unknown {
  const answer = query.apply(this, given)
  const text = textOf(given[0])
  if (text === 'BEGIN') taking.delete(this)
  if (TAKES_NUMBER.test(text)) taking.add(this)
  if (armed && text === 'COMMIT' && taking.has(this) && answer instanceof Promise) {
    armed = false
    answer.then(
      () => process.kill(process.pid, 'SIGSTOP'),
      () => {},
    )
  }
  return answer
} as typeof pg.Client.prototype.query

function textOf(asked: unknown): string {
  return (typeof asked === 'string' ? asked : (asked as { text?: string }).text) ?? ''
}

const TAKES_NUMBER = /\bupdate\b.*"number"/is
