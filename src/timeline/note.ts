import type { FastifyRequest } from 'fastify'
import type { Device } from '../sessions/record.ts'
import type { EventType, TimelineEvent } from './timeline.ts'

/** What is told of a change besides what it did: who made it, from where, and what else it was. */
export type AuditNote = {
  events: readonly EventType[]
  by: TimelineEvent['by']
  /** Of the request that made it. */
  ip: string | null
  reqId: string | null
  /** The session that it was made with. */
  sessionId: string | null
  device: Device | null
  /** Of a login: whether its device is new. Null where nobody knows. */
  newDevice: boolean | null
}

/** The note of a change that a request makes, as the text that is kept with it. */
export function noteOf(
  { ip, id }: Pick<FastifyRequest, 'ip' | 'id'>,
  more: Partial<Omit<AuditNote, 'ip' | 'reqId'>> = {},
): string {
  return JSON.stringify({ ...NOTHING, ...more, ip: ip ?? null, reqId: id } satisfies AuditNote)
}

/** The note of a change that is made on the command line. */
export function noteOfCommand(events: readonly EventType[]): string {
  return JSON.stringify({ ...NOTHING, events, by: COMMAND_LINE } satisfies AuditNote)
}

/** An event that was caused on the command line. */
export function onCommandLine(type: EventType, at: number): Omit<TimelineEvent, 'userId'> {
  return { type, at, sessionId: null, device: null, ip: null, by: COMMAND_LINE }
}

/** The note of a deletion: who did it, and nothing of the user who is gone. */
export function noteOfDeletion(by: Pick<AuditNote, 'reqId' | 'by'>): string {
  return JSON.stringify({ ...NOTHING, events: ['user_deleted'], ...by } satisfies AuditNote)
}

/** The same note, which also tells of these events. What is not told at all stays so. */
export function noteWith(note: string | null, events: readonly EventType[]): string | null {
  if (note === null || events.length === 0) return note
  const read = readNote(note)
  return JSON.stringify({ ...read, events: [...read.events, ...events] } satisfies AuditNote)
}

/** What a text says; nothing, if there is none. */
export function readNote(text: string | null): AuditNote {
  return text === null ? NOTHING : { ...NOTHING, ...(JSON.parse(text) as Partial<AuditNote>) }
}

/** No username has a space in it. */
export const COMMAND_LINE = { device: null, ip: null, user: 'command line' } as const

const NOTHING: AuditNote = {
  ...{ events: [], by: null, ip: null, reqId: null, sessionId: null, device: null },
  newDevice: null,
}
