import { decodeRecord } from '../../../src/sessions/codec.ts'
import { type Answer, numberOf } from './actor.ts'

/** A step in words: a record in it becomes its number, who confirmed it, and its sessions by their names. */
export function describeStep(line: string, nameOf: (number: number) => string): string {
  const record = decodeRecord(line.replace(/^(reads|writes) /, '').replace(/, but .*$/, ''))
  if (record === null) return line.replace('reads null', 'reads nothing')
  const live = record.live.map((s) => `${nameOf(numberOf(s.id))} live`)
  const ended = record.ended.map((s) => `${nameOf(numberOf(s.id))} ${s.reason}`)
  const sessions = [...live, ...ended].join(', ')
  const lost = /, but .*$/.exec(line)?.[0] ?? ''
  return `${line.split(' ')[0]} number ${record.number} [${record.stamp}] ${sessions}${lost}`
}

export function describeAnswer(answer: Answer): string {
  switch (answer.kind) {
    case 'signed in':
      return `signed in under number ${answer.claimed.session.epoch}`
    case 'asked':
      return answer.found?.state ?? 'never heard of it'
    case 'done':
      return 'done'
    case 'refused':
      return answer.code
  }
}
