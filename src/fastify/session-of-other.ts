import type { FastifyRequest } from 'fastify'
import type { Sessions } from '../sessions/sessions.ts'
import { handleIn } from '../sessions/token.ts'

/**
 * On a shared browser, ends the session of another user who was signed in before, because the new cookie replaces theirs. If this
 * fails, the login has succeeded all the same. `presented` is the token that the browser sent, `token` the new one; `note` goes
 * with the change.
 */
export async function endSessionOfOther(
  sessions: Pick<Sessions, 'find' | 'release'>,
  request: FastifyRequest,
  { presented, token, note = null }: { presented: string | null; token: string; note?: string | null },
): Promise<void> {
  if (presented === null || handleIn(presented) === handleIn(token)) return
  try {
    const other = await sessions.find(presented)
    if (other?.state === 'live') await sessions.release(other.key, 'logged_out', note)
  } catch (error) {
    request.log.warn({ err: error }, 'the session of another user in this browser was not ended')
  }
}
