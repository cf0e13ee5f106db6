import type { FastifyRequest } from 'fastify'
import type { Sessions } from '../sessions/sessions.ts'
import { handleIn } from '../sessions/token.ts'

/**
 * On a shared browser, ends the session of whoever was signed in before, because the browser is about to lose its cookie. If
 * that cannot be done, it does not concern the login, which has succeeded. `presented` is the token that the browser had,
 * `token` that of the login; `note` is told with the ending.
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
