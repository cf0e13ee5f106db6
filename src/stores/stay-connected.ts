import type { Cluster, Redis } from 'ioredis'

/**
 * Makes a client of ioredis try to connect until the returned function is called. By itself it stops for good, whatever its
 * `retryStrategy` says, if it has to look for another server while it is connecting, for example during a failover.
 */
export function stayConnected(client: Redis | Cluster): () => void {
  let wanted = true
  client.on('end', () => {
    if (wanted) setTimeout(() => wanted && client.connect().catch(() => {}), AGAIN).unref()
  })
  return () => {
    wanted = false
    client.disconnect()
  }
}

/** Milliseconds. */
const AGAIN = 200
