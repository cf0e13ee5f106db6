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
}

/** The type of the message that stores such a request. */
export const FORGOTTEN = 'forgotten'

/** Delivers what the outbox has of kind `mail`. */
export function deliverMail({ post, answerForgotten }: Needed): Deliver {
  return async ({ type, body }) => {
    if (type === FORGOTTEN) return answerForgotten(body)
    const { to, mail } = readMail(body)
    await post?.send(to, render(textOf(mail)))
  }
}
