/** The body of a webhook: the event type, its time (milliseconds since 1970), and its data. */
export function webhookBody(type: string, at: number, data: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
}
