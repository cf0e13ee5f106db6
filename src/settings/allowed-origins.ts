/**
 * Why an entry of `ALLOWED_ORIGINS` can never match, as a sentence; null if it can. Browsers send an origin in one form only (RFC
 * 6454 §6.2).
 */
export function originProblem(origin: string): string | null {
  const shown = JSON.stringify(origin)
  if (origin === 'null')
    return 'null is the origin of pages that hide theirs, and any page can: it cannot be allowed.'
  if (origin.includes('*'))
    return `${shown} has a *, which stands for nothing here. Name each origin by itself.`
  if (!/^https?:\/\//i.test(origin))
    return `${shown} is no origin: begin with https:// or http://, then the host, and the port if it is not the usual one.`
  if (!URL.canParse(origin)) return `${shown} is no origin: its host or port cannot be read.`
  const sent = new URL(origin).origin
  return sent === origin ? null : `${shown} is not what a browser sends. Write ${sent}`
}
