import type { Op, ShownSession } from './history.ts'

type Shown = { id: string; device: { name: string | null }; createdAt: string }

/** The session in an answer, if one is there. */
export function readSession(part: unknown): ShownSession | null {
  if (part === undefined) return null
  const { id, device, createdAt } = part as Shown
  return { id, device: device.name, createdAt: Date.parse(createdAt) }
}

export function readSessions(part: unknown): ShownSession[] {
  return ((part ?? []) as unknown[]).flatMap((each) => readSession(each) ?? [])
}

/** The `replacedBy` of a refusal, if it has one. */
export function readReplacedBy(part: unknown): Op['replacedBy'] {
  if (part === undefined) return null
  const { device, at } = part as { device: { name: string | null }; at: string }
  return { device: device.name, at: Date.parse(at) }
}
