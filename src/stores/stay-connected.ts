import type { Cluster, Redis } from 'ioredis'

/**
 * Keeps a client of ioredis trying until the function that this gives is called. By itself it gives up for good, whatever its
 * `retryStrategy` says, if it has to look for another server while it is connecting, as when a failover is announced at that
 * moment.
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
