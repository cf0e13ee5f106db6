import { type Fault, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'login-stalled',
  about:
    'an instance stands still for 0.5 to 2.5 s when a login has its number, and has not changed the record yet',
  topologies: ['single', 'postgres'],
  keepsSessions: true,
  sqlAway: true, // for the instance, which finds when it goes on that it was not answered in time
  async strike({ instances }, random) {
    const instance = instances.all[Math.floor(random() * instances.all.length)]
    instance?.signal('SIGWINCH') // see preload/stall.ts
    await pause(500 + random() * 2_000)
    instance?.signal('SIGCONT')
    await pause(100)
    instance?.signal('SIGCONT') // it may have stopped at the very moment of the first
  },
}
