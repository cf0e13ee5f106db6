import type { FastifyRequest } from 'fastify'
import type { Device } from '../sessions/record.ts'
import type { EventType, TimelineEvent } from './timeline.ts'

/** Details of a change for the timeline: who made it, from where, and further events. */
export type AuditNote = {
  events: readonly EventType[]
  by: TimelineEvent['by']
  /** The address of the request that made it. */
  ip: string | null
  reqId: string | null
  /** The session of that request. */
  sessionId: string | null
  device: Device | null
  /** For a login: whether its device is new. Null if that is not known. */
  newDevice: boolean | null
}

/** Makes the note of a change by a request, as text that is stored with the change. */
export function noteOf(
  { ip, id }: Pick<FastifyRequest, 'ip' | 'id'>,
  more: Partial<Omit<AuditNote, 'ip' | 'reqId'>> = {},
): string {
  return JSON.stringify({ ...NOTHING, ...more, ip: ip ?? null, reqId: id } satisfies AuditNote)
}

/** Makes the note of a change from the command line. */
export function noteOfCommand(events: readonly EventType[]): string {
  return JSON.stringify({ ...NOTHING, events, by: COMMAND_LINE } satisfies AuditNote)
}

/** An event from the command line. */
export function onCommandLine(type: EventType, at: number): Omit<TimelineEvent, 'userId'> {
  return { type, at, sessionId: null, device: null, ip: null, by: COMMAND_LINE }
}

/** Makes the note of a deletion: who did it, without data about the deleted user. */
export function noteOfDeletion(by: Pick<AuditNote, 'reqId' | 'by'>): string {
  return JSON.stringify({ ...NOTHING, events: ['user_deleted'], ...by } satisfies AuditNote)
}

/** Adds these events to a note. Null stays null. */
export function noteWith(note: string | null, events: readonly EventType[]): string | null {
  if (note === null || events.length === 0) return note
  const read = readNote(note)
  return JSON.stringify({ ...read, events: [...read.events, ...events] } satisfies AuditNote)
}

/** Reads a note; empty if there is none. */
export function readNote(text: string | null): AuditNote {
  return text === null ? NOTHING : { ...NOTHING, ...(JSON.parse(text) as Partial<AuditNote>) }
}

/** This cannot be a username, because of the space. */
export const COMMAND_LINE = { device: null, ip: null, user: 'command line' } as const

const NOTHING: AuditNote = {
  ...{ events: [], by: null, ip: null, reqId: null, sessionId: null, device: null },
  newDevice: null,
}
