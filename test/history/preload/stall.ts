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

pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]): unknown {
  const answer = query.apply(this, given)
  if (armed && takesNumber(given[0]) && answer instanceof Promise) {
    armed = false
    answer.then(
      () => process.kill(process.pid, 'SIGSTOP'),
      () => {},
    )
  }
  return answer
} as typeof pg.Client.prototype.query

function takesNumber(asked: unknown): boolean {
  const text = typeof asked === 'string' ? asked : (asked as { text?: string }).text
  return /\bupdate\b.*\bepoch\b/is.test(text ?? '')
}
