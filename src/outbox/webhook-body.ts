/** The body of a webhook: what happened, when (milliseconds since 1970), and what is known of it. */
export function webhookBody(type: string, at: number, data: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
}
