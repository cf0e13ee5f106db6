/** A time in UTC for people: to the day, the minute or the second. `ms` is milliseconds since 1970. */
export function showTime(ms: number, to: keyof typeof LENGTHS): string {
  return new Date(ms).toISOString().slice(0, LENGTHS[to]).replace('T', ' ')
}

const LENGTHS = { day: 10, minute: 16, second: 19 }
