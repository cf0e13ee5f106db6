/**
 * Why an entry of `ALLOWED_ORIGINS` can never match, as a sentence; null if it can. Browsers send an origin in one form only (RFC
 * 6454 §6.2).
 */
export function originProblem(origin: string): string | null {
  const shown = JSON.stringify(origin)
  if (origin === 'null')
    return 'null cannot be allowed: it is the origin of any page that hides its own.'
  if (origin.includes('*')) return `${shown} has a *, but there are no wildcards. List each origin.`
  if (!/^https?:\/\//i.test(origin))
    return `${shown} is not an origin: begin with https:// or http://, then the host, and the port if it is not the usual one.`
  if (!URL.canParse(origin)) return `${shown} is not an origin: its host or port cannot be read.`
  const sent = new URL(origin).origin
  return sent === origin ? null : `${shown} is not what a browser sends. Write ${sent}`
}
