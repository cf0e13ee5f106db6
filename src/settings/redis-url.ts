/** The servers of Redis and how to connect, as `REDIS_URL` names them. */
export type RedisPlace = {
  kind: 'single' | 'sentinel' | 'cluster'
  /** The server, the Sentinels, or some nodes of the Cluster. */
  hosts: readonly { host: string; port: number }[]
  tls: boolean
  username: string | null
  password: string | null
  db: number
  /** The name of the master for the Sentinels; empty otherwise. */
  master: string
}

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `redis+sentinel://…@host:port,host:port/master[/db]` or
 * `redis+cluster://…@host:port,host:port`; `rediss` in place of `redis` asks for TLS. Names and passwords are percent-encoded.
 * Null if it is not one of these.
 */
export function readRedisUrl(url: string): RedisPlace | null {
  const parts = FORM.exec(url)?.groups
  if (parts === undefined) return null
  const kind = (parts['kind'] ?? 'single') as RedisPlace['kind']
  const hosts = (parts['hosts'] ?? '').split(',').map((text) => readHost(text, DEFAULT_PORT[kind]))
  const path = (parts['path'] ?? '').split('/').slice(1)
  const master = kind === 'sentinel' ? (path.shift() ?? '') : ''
  const db = path.shift() || '0'
  const username = decode(parts['user'])
  const password = decode(parts['password'])
  if (username === undefined || password === undefined) return null
  if (hosts.includes(null) || (kind === 'single' && hosts.length > 1)) return null
  if ((kind === 'sentinel') === (master === '')) return null
  if (path.length > 0 || !/^\d{1,5}$/.test(db) || (kind === 'cluster' && db !== '0')) return null
  return {
    kind,
    hosts: hosts as { host: string; port: number }[],
    tls: parts['scheme'] === 'rediss',
    username: username === '' ? null : username,
    password,
    db: Number(db),
    master,
  }
}

function readHost(text: string, defaultPort: number): { host: string; port: number } | null {
  const parts = HOST.exec(text)?.groups
  if (parts === undefined) return null
  const port = Number(parts['port'] ?? defaultPort)
  if (port < 1 || port > 65535) return null
  return { host: parts['v6'] ?? parts['name'] ?? '', port }
}

/** Null if there is none, undefined if it is badly encoded. */
function decode(text: string | undefined): string | null | undefined {
  if (text === undefined) return null
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const FORM =
  /^(?<scheme>rediss?)(\+(?<kind>sentinel|cluster))?:\/\/((?<user>[^:@/]*)(:(?<password>[^@/]*))?@)?(?<hosts>[^/@?#]+)(?<path>(\/[^/?#]*)*)$/
const HOST = /^(\[(?<v6>[\da-fA-F:.]+)\]|(?<name>[\w.-]+))(:(?<port>\d{1,5}))?$/
const DEFAULT_PORT = { single: 6379, sentinel: 26379, cluster: 6379 }
