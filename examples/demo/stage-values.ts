import { type Static, Type } from '@sinclair/typebox'
import type { App } from '../../src/http/types.ts'
import type { Mail } from './mail-box.ts'
import { POLICIES, type Policy } from './policies.ts'

type Stage = {
  username: string
  password: string
  chosen: () => Policy
  choose: (policy: Policy) => void
  mails: readonly Mail[]
}

/** Serves what the outer page needs: the values, the switch of the policy, and the mail box. Only the demo has this. */
export function serveStage(app: App, { username, password, chosen, choose, mails }: Stage): void {
  app.get('/demo', { config: { access: 'public' } }, async () => ({
    username,
    password,
    policy: chosen(),
  }))
  app.get('/demo/mails', { config: { access: 'public' } }, async () => ({
    mails: mails.slice(-MAILS).map(({ from, to, subject, text }) => ({ from, to, subject, text })),
  }))
  app.put('/demo', { config: { access: 'public' }, schema: { body: Choice } }, async (request) => {
    const { policy } = request.body as Static<typeof Choice>
    choose(policy)
    return { policy }
  })
}

/** How many mails the page shows. */
const MAILS = 3

const Choice = Type.Object(
  { policy: Type.Union(POLICIES.map((policy) => Type.Literal(policy))) },
  { additionalProperties: false },
)
