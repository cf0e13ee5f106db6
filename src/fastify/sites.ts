import { getDomain } from 'tldts'

/**
 * The site of an origin, as browsers draw the line for cookies with `SameSite`: the scheme, and the part of the host name that
 * somebody registered (RFC 6265bis §5.2, "schemeful"). A host that is no such name, such as an address, is a site by itself.
 */
export function siteOf(origin: string): string {
  const { protocol, hostname } = new URL(origin)
  return `${protocol}//${registrableDomain(hostname) ?? hostname}`
}

/** `example.co.uk` of `www.example.co.uk`; null for what nobody can register, such as `co.uk`, `localhost` or an address. */
export function registrableDomain(hostname: string): string | null {
  return getDomain(hostname, { allowPrivateDomains: true })
}
