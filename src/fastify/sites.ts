import { getDomain } from 'tldts'

/**
 * The site of an origin, as browsers define it for `SameSite` cookies: the scheme and the registrable domain (RFC 6265bis §5.2,
 * "schemeful"). A host without one, such as an address, is a site by itself.
 */
export function siteOf(origin: string): string {
  const { protocol, hostname } = new URL(origin)
  return `${protocol}//${registrableDomain(hostname) ?? hostname}`
}

/**
 * `example.co.uk` for `www.example.co.uk`; null for hosts that nobody can register, such as `co.uk`, `localhost` or an address.
 */
export function registrableDomain(hostname: string): string | null {
  return getDomain(hostname, { allowPrivateDomains: true })
}
