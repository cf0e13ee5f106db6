import type { Fault } from '../fault.ts'

export const fault: Fault = {
  name: 'clock-skew',
  about: 'the clocks of two instances are wrong by ten minutes, one way and the other',
  topologies: ['single', 'postgres'],
  setup: { envOf: (i) => (i === 0 ? {} : { SKEW_MS: String(i === 1 ? 600_000 : -600_000) }) },
  keepsSessions: true,
}
