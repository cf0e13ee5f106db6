import { createHmac } from 'node:crypto'
import { newSecret, newSessionId } from '../sessions/token.ts'

/**
 * The id and the secret of a session that a request makes, however often it comes: derived from the service key, of which only a
 * hash is kept, and from a random salt, which is kept. So nothing that is stored gives the secret, and nobody else can make it.
 */
export function identityFrom(serviceKey: string, salt: string): { id: string; secret: string } {
  const bytes = createHmac('sha512', serviceKey).update(`session ${salt}`).digest()
  return {
    secret: newSecret((size) => bytes.subarray(0, size)),
    id: newSessionId((size) => bytes.subarray(32, 32 + size)),
  }
}
