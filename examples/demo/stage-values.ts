import { type Static, Type } from '@sinclair/typebox'
import type { App } from '../../src/http/types.ts'
import { POLICIES, type Policy } from './policies.ts'

type Stage = {
  username: string
  password: string
  chosen: () => Policy
  choose: (policy: Policy) => void
}

/** What the page around the phones asks for, and the switch of the policy. Only the demo has it. */
export function serveStage(app: App, { username, password, chosen, choose }: Stage): void {
  app.get('/demo', { config: { access: 'public' } }, async () => ({
    username,
    password,
    policy: chosen(),
  }))
  app.put('/demo', { config: { access: 'public' }, schema: { body: Choice } }, async (request) => {
    const { policy } = request.body as Static<typeof Choice>
    choose(policy)
    return { policy }
  })
}

const Choice = Type.Object(
  { policy: Type.Union(POLICIES.map((policy) => Type.Literal(policy))) },
  { additionalProperties: false },
)
