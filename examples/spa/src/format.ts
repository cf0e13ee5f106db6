import type { Session } from 'oneseat/client'

/** What a person calls this device: its own name, else what its browser said. */
export function describeDevice(device: Session['device'] | null): string {
  if (device === null) return 'Unknown device'
  return device.name ?? (systemOf(device) || 'Unknown device')
}

/** Its browser and system, as far as they are known. */
export function systemOf({ browser, os }: Session['device']): string {
  return [browser, os].filter((each) => each !== null).join(' on ')
}

/** A time of day, with the day if it is not today. */
export function timeOf(at: string): string {
  const date = new Date(at)
  const isToday = date.toDateString() === new Date().toDateString()
  return date.toLocaleString([], {
    ...(isToday ? {} : { day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  })
}
