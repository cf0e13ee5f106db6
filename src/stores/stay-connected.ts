import type { Cluster, Redis } from 'ioredis'

/**
 * Keeps a client of ioredis trying for as long as it is wanted, and gives the function that lets go of it. By itself it
 * gives up for good, whatever its `retryStrategy` says, if it is told to look for another server while it is connecting: so
 * does the news of a failover that comes at that moment.
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
