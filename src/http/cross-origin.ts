/** What a request tells of the page that made it. Browsers write these headers themselves; a page cannot forge them. */
type Provenance = {
  method: string
  /** `Sec-Fetch-Site`; browsers send it to HTTPS and localhost only. */
  site: string | undefined
  /** `Sec-Fetch-Mode`. */
  mode: string | undefined
  origin: string | undefined
}

/**
 * Whether the page of a foreign origin may have made this request (OWASP CSRF cheat sheet, ASVS 3.5.1 and 3.5.8).
 * `allowed` are the origins of the settings; `own` gives those at which this very connection was made.
 */
export function isCrossOrigin(
  { method, site, mode, origin }: Provenance,
  allowed: ReadonlySet<string>,
  own: () => ReadonlySet<string>,
): boolean {
  if (origin !== undefined && allowed.has(origin)) return false
  // Reading does no harm, and CORS keeps the answer from the page; what is embedded is not even asked to be kept.
  if (SAFE.has(method)) return mode === 'no-cors' && site !== undefined && !OWN_SITES.has(site)
  // `none` too is refused: it stands for what a person typed, and nobody types a POST.
  if (site !== undefined) return site !== 'same-origin'
  // Without an origin it is no browser: a form would have been refused for its content type.
  return origin !== undefined && !own().has(origin)
}

/**
 * The origins under which the local end of a connection is known. They come from the socket, never from `Host`, which a
 * page can choose by its own name in the DNS.
 */
export function ownOrigins(
  localAddress: string | undefined,
  localPort: number | undefined,
): Set<string> {
  if (localAddress === undefined || localPort === undefined) return new Set()
  const address = localAddress.replace(/^::ffff:(?=\d+\.)/, '')
  const hosts = [address.includes(':') ? `[${address}]` : address]
  if (address === '::1' || address.startsWith('127.')) hosts.push('localhost')
  return new Set(hosts.map((host) => new URL(`http://${host}:${localPort}`).origin))
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none'])
