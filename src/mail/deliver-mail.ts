import type { Deliver } from '../outbox/outbox.ts'
import { readMail } from './mails.ts'
import { render } from './render.ts'
import { textOf } from './texts.ts'
import type { Post } from './transport.ts'

type Needed = {
  /** Null if there is no mail server: nothing is sent then. */
  post: Pick<Post, 'send'> | null
  /** Handles a request of somebody who has forgotten their password. */
  answerForgotten: (body: string) => Promise<void>
  /** Removes what is left of a deleted user. */
  forgetRest: (userId: string, signal: AbortSignal) => Promise<void>
}

/** The type of the message that stores such a request. */
export const FORGOTTEN = 'forgotten'
/** The type of the message that says of which deleted user something is left. */
export const FORGET_USER = 'forget_user'

/** Delivers what the outbox has of kind `mail`, and does what has to come to its end as a mail has to. */
export function deliverMail({ post, answerForgotten, forgetRest }: Needed): Deliver {
  return async ({ type, body }, signal) => {
    if (type === FORGOTTEN) return answerForgotten(body)
    if (type === FORGET_USER) return forgetRest(body, signal)
    const { to, mail } = readMail(body)
    await post?.send(to, render(textOf(mail)))
  }
}
