import type { Fault } from '../fault.ts'

export const fault: Fault = {
  name: 'none',
  about: 'nothing goes wrong',
  topologies: ['single', 'postgres', 'sentinel', 'cluster'],
  keepsSessions: true,
}
