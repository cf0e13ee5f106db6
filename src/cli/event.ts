import { COMMAND_LINE } from '../timeline/note.ts'
import type { EventType, TimelineEvent } from '../timeline/timeline.ts'

/** An event that was caused on the command line. */
export function onCommandLine(type: EventType, at: number): Omit<TimelineEvent, 'userId'> {
  return { type, at, sessionId: null, device: null, ip: null, by: COMMAND_LINE }
}
