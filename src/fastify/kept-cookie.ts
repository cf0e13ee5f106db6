import type { FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import type { SessionCookie } from './cookie.ts'
import { registrableDomain, siteOf } from './sites.ts'

/**
 * Throws `cross_site_cookie` for a login by the page of another site, or by a host that is not of the domain of the cookie: its
 * browser would drop the cookie, and the login would have signed another device out for nothing. `publicUrl` is where clients
 * reach us, null if nobody has said it.
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
  // The answer to a link or a form that is shown as a page of its own may set cookies, wherever it stood.
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

/** Browsers say by which host a page was loaded; that of the API is the same, or one of the same site. */
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
 * For browsers that do not say it themselves, as over plain HTTP to a name: compares the page with the host that was asked. A page
 * over HTTPS cannot ask over plain HTTP, and of this machine's own addresses browsers always say it: from such a page, or to such a
 * host, this is no browser that asks us directly.
 */
function isOtherSite(request: FastifyRequest, publicUrl: string | null): boolean {
  const { origin } = request.headers
  if (origin === undefined || !origin.startsWith('http:') || !URL.canParse(origin)) return false
  const asked = publicUrl ?? `${request.protocol}://${request.host}`
  if (!URL.canParse(asked)) return false
  return (publicUrl !== null || isPublicName(request, asked)) && siteOf(origin) !== siteOf(asked)
}

/** Whether a browser may have asked for this host. Proxies ask us under names and addresses of their own. */
function isPublicName({ ips = [] }: FastifyRequest, asked: string): boolean {
  const { hostname } = new URL(asked)
  if (/^(127\.|\[::1\]|localhost$)/.test(hostname)) return false
  return ips.length < 2 || registrableDomain(hostname) !== null
}
