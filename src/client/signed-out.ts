import type { MembersOf, ProblemBody, SignedOutCode } from './api-error.ts'

/** Why this browser is not signed in any more: a sentence to show, and the members to write another one. */
export type SignedOut = {
  [C in SignedOutCode]: { readonly code: C; readonly message: string } & Readonly<MembersOf<C>>
}[SignedOutCode]

/** The reason in the body of a 401; null if the 401 is not about the session. */
export function signedOutBy(problem: ProblemBody): SignedOut | null {
  const sentence = SENTENCES[problem.code as SignedOutCode]
  if (sentence === undefined) return null
  const reason = problem as unknown as SignedOut
  return { ...reason, message: messageOf(reason) ?? sentence }
}

/** Names the device that signed in, and when: `Signed out by phone (Safari, iOS) at 14:05.` */
function messageOf(reason: SignedOut): string | null {
  if (reason.code !== 'session_replaced' || reason.replacedBy === undefined) return null
  const { device, at } = reason.replacedBy
  const kind = [device.browser, device.os].filter((each) => each !== null).join(', ')
  const shown = device.name === null ? kind : kind === '' ? device.name : `${device.name} (${kind})`
  const time = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return `Your account was signed in on ${shown || 'another device'} at ${time}, so you were signed out here.`
}

const SENTENCES: Record<SignedOutCode, string> = {
  unauthenticated: 'You are not signed in.',
  session_replaced: 'Your account was signed in on another device, so you were signed out here.',
  logged_out: 'You signed out.',
  session_idle: 'You were signed out because you were away for too long.',
  session_expired: 'Your session has reached its maximum age. Sign in again.',
  session_revoked: 'You were signed out from another device or by an administrator.',
  password_changed: 'Your password was changed on another device. Sign in with the new one.',
  user_disabled: 'This account is disabled. Ask an administrator.',
  user_deleted: 'This account does not exist any more.',
  session_disputed:
    'The device that this sign-in replaced reported that it was not the owner who signed in.',
  session_lost: 'The server lost this session. Nobody else signed in.',
}
