import { isIP } from 'node:net'
import type { Settings } from '../../schemas/settings.ts'
import { registrableDomain, siteOf } from '../fastify/sites.ts'

type Reach = Pick<
  Settings,
  'ALLOWED_ORIGINS' | 'COOKIE_DOMAIN' | 'COOKIE_NAME' | 'COOKIE_SECURE' | 'PUBLIC_URL'
>

/**
 * Why browsers would never send the session cookie back, as a sentence that names the setting; null if they do. A browser drops
 * such a cookie without an error, and each login would sign another device out for nothing.
 */
export function cookieReachProblem(settings: Reach): string | null {
  return (
    nameProblem(settings) ?? domainProblem(settings) ?? urlProblem(settings) ?? pagesProblem(settings)
  )
}

function nameProblem({ COOKIE_NAME }: Reach): string | null {
  return /^__(host|secure)-/i.test(COOKIE_NAME)
    ? 'COOKIE_NAME: leave out the prefix; COOKIE_SECURE=true adds the right one.'
    : null
}

function domainProblem({ COOKIE_DOMAIN: domain }: Reach): string | null {
  if (domain === '') return null
  const shown = JSON.stringify(domain)
  if (isIP(domain) !== 0)
    return `COOKIE_DOMAIN: ${shown} is an address. Leave it unset: cookies of addresses have no domain.`
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(domain))
    return `COOKIE_DOMAIN: ${shown} is not a domain. Write it in small letters, without a dot in front, a port or a scheme.`
  if (registrableDomain(domain) === null)
    return `COOKIE_DOMAIN: ${shown} is nobody's own domain, so browsers accept no cookie for it.`
  return null
}

function urlProblem({ PUBLIC_URL, COOKIE_DOMAIN, COOKIE_SECURE }: Reach): string | null {
  if (PUBLIC_URL === '') return null
  const url = URL.canParse(PUBLIC_URL) ? new URL(PUBLIC_URL) : null
  const plain = url !== null && /^https?:$/.test(url.protocol) ? url.origin + url.pathname : null
  if (url === null || plain?.replace(/\/$/, '') !== PUBLIC_URL.replace(/\/$/, ''))
    return 'PUBLIC_URL: this URL cannot be used. Write https:// or http://, the host, and the path prefix if there is one; no query.'
  if (COOKIE_SECURE === 'true' && url.protocol === 'http:')
    return 'PUBLIC_URL: this is plain HTTP, but with COOKIE_SECURE=true browsers accept the cookie over HTTPS only.'
  if (COOKIE_DOMAIN !== '' && !`.${url.hostname}`.endsWith(`.${COOKIE_DOMAIN}`))
    return `COOKIE_DOMAIN: ${COOKIE_DOMAIN} does not contain the host ${url.hostname} (PUBLIC_URL), so browsers would not accept the cookie.`
  return null
}

/** Pages of another site never send a `SameSite` cookie, whatever CORS allows. */
function pagesProblem({ ALLOWED_ORIGINS, PUBLIC_URL, COOKIE_DOMAIN }: Reach): string | null {
  for (const origin of ALLOWED_ORIGINS) {
    if (PUBLIC_URL !== '' && siteOf(origin) !== siteOf(PUBLIC_URL))
      return `ALLOWED_ORIGINS: ${origin} is of another site than ${new URL(PUBLIC_URL).origin} (PUBLIC_URL), so its pages could never sign in. ${SAME_SITE}`
    const domain = new URL(origin).hostname
    if (COOKIE_DOMAIN !== '' && registrableDomain(domain) !== registrableDomain(COOKIE_DOMAIN))
      return `ALLOWED_ORIGINS: ${origin} is of another site than COOKIE_DOMAIN=${COOKIE_DOMAIN}, so its pages could never sign in. ${SAME_SITE}`
  }
  return null
}

const SAME_SITE =
  'Serve both under one domain, such as app.example.com and api.example.com, with the same scheme.'
