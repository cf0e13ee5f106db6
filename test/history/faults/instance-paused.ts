import { type Fault, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'instance-paused',
  about:
    'an instance stands still for 0.5 to 3 s, between reading and answering, as in a long garbage collection',
  topologies: ['single', 'postgres'],
  keepsSessions: true,
  sqlAway: true, // for the instance, which finds when it goes on that it was not answered in time
  async strike({ instances }, random) {
    const instance = instances.all[Math.floor(random() * instances.all.length)]
    instance?.signal('SIGSTOP')
    await pause(500 + random() * 2_500)
    instance?.signal('SIGCONT')
  },
}
