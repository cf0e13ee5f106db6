import type { Session } from 'oneseat/client'

/** The name of a device: the name that its user gave, or its browser. */
export function describeDevice(device: Session['device'] | null): string {
  if (device === null) return 'Unknown device'
  return device.name ?? (systemOf(device) || 'Unknown device')
}

/** Browser and system of a device, if they are known. */
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
