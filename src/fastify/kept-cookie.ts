import type { FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import type { SessionCookie } from './cookie.ts'
import { registrableDomain, siteOf } from './sites.ts'

/**
 * Throws `cross_site_cookie` if the login comes from a page of another site, or over a host outside of the cookie's domain: the
 * browser would drop the cookie, and the login would sign another device out for nothing. `publicUrl` is where clients reach the
 * API, null if that is not set.
 */
export function requireKeptCookie(
  request: FastifyRequest,
  publicUrl: string | null,
  cookie: SessionCookie,
): void {
  const {
    origin,
    'sec-fetch-site': site,
    'sec-fetch-mode': mode,
    'sec-fetch-dest': dest,
  } = request.headers
  // If the answer is loaded as a page (a link or a form), browsers store its cookies, whatever site it came from.
  if (mode === 'navigate' && dest === 'document') return
  const isOther = site === undefined ? isOtherSite(request, publicUrl) : site === 'cross-site'
  if (!isOther) {
    requireDomain(request, cookie.attributes(request).domain)
    return
  }
  const page = origin === undefined ? 'a page of another site' : `a page of ${origin}`
  const api = publicUrl === null ? request.host : new URL(publicUrl).host
  throw new Refusal('cross_site_cookie', {
    detail:
      `The browser would not keep the session cookie of ${api} for ${page}, because they are of different sites. ` +
      'Serve both under one domain and by one scheme: change the host name of the API to one of the domain of the page, or that of the page.',
  })
}

/** Checks the cookie's domain against the origin of the page: the API has the same host as the page, or one of the same site. */
function requireDomain({ headers }: FastifyRequest, domain: string | undefined): void {
  const { origin, 'sec-fetch-site': site } = headers
  if (domain === undefined || origin === undefined || !URL.canParse(origin)) return
  const { hostname } = new URL(origin)
  const isKept =
    site === 'same-origin'
      ? `.${hostname}`.endsWith(`.${domain}`)
      : registrableDomain(hostname) === registrableDomain(domain)
  if (isKept) return
  throw new Refusal('cross_site_cookie', {
    detail:
      `The browser would not keep the session cookie, which is for ${domain}, because ${hostname} is no host of that domain. ` +
      'Open the page by a host name of that domain, or set another COOKIE_DOMAIN.',
  })
}

/**
 * Compares the origin of the page with the host of the request, for browsers that send no `Sec-Fetch-Site`, as over plain HTTP to
 * a host name. A page over HTTPS cannot call plain HTTP, and to this machine's own addresses browsers always send that header; so
 * in these two cases no browser called us directly, and nothing is refused.
 */
function isOtherSite(request: FastifyRequest, publicUrl: string | null): boolean {
  const { origin } = request.headers
  if (origin === undefined || !origin.startsWith('http:') || !URL.canParse(origin)) return false
  const asked = publicUrl ?? `${request.protocol}://${request.host}`
  if (!URL.canParse(asked)) return false
  return (publicUrl !== null || isPublicName(request, asked)) && siteOf(origin) !== siteOf(asked)
}

/** Whether a browser may have used this host. Proxies use names and addresses of their own. */
function isPublicName({ ips = [] }: FastifyRequest, asked: string): boolean {
  const { hostname } = new URL(asked)
  if (/^(127\.|\[::1\]|localhost$)/.test(hostname)) return false
  return ips.length < 2 || registrableDomain(hostname) !== null
}
