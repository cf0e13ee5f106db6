/** What a request says about the page that made it. Browsers write these headers themselves; a page cannot forge them. */
type Provenance = {
  method: string
  /** `Sec-Fetch-Site`; browsers send it to HTTPS and localhost only. */
  site: string | undefined
  /** `Sec-Fetch-Mode`. */
  mode: string | undefined
  origin: string | undefined
}

/**
 * Whether a page of a foreign origin may have made this request (OWASP CSRF cheat sheet, ASVS 3.5.1 and 3.5.8). `allowed` are the
 * origins in the settings; `own` gives the origins that this connection was opened to.
 */
export function isCrossOrigin(
  { method, site, mode, origin }: Provenance,
  allowed: ReadonlySet<string>,
  own: () => ReadonlySet<string>,
): boolean {
  if (origin !== undefined && allowed.has(origin)) return false
  // Reading does no harm, because CORS keeps the answer from the page. Embedding (`no-cors`) is refused: CORS does not apply to
  // it.
  if (SAFE.has(method)) return mode === 'no-cors' && site !== undefined && !OWN_SITES.has(site)
  // `none` is refused too: it means that a person typed the address, and nobody types a POST.
  if (site !== undefined) return site !== 'same-origin'
  // Without `Origin` no page of another site sent this: its form would have been refused for its content type.
  return origin !== undefined && !own().has(origin)
}

/**
 * The origins of the local end of a connection. They come from the socket, never from `Host`: a page can choose that by a DNS
 * name of its own.
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
