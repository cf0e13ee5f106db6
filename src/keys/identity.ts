import { createHmac } from 'node:crypto'
import { newSecret, newSessionId } from '../sessions/token.ts'

/**
 * The id and the secret of the session that a request makes, the same each time it is sent. They are derived from the service
 * key, of which only a hash is stored, and from a stored random salt. So nobody can compute the secret from stored data.
 */
export function identityFrom(serviceKey: string, salt: string): { id: string; secret: string } {
  const bytes = createHmac('sha512', serviceKey).update(`session ${salt}`).digest()
  return {
    secret: newSecret((size) => bytes.subarray(0, size)),
    id: newSessionId((size) => bytes.subarray(32, 32 + size)),
  }
}
