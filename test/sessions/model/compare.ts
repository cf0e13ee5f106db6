import assert from 'node:assert/strict'
import { ABSOLUTE, idleDeadline, liveAt, type ModelSession, type ModelUser } from './model.ts'
import type { World } from './world.ts'

/** The latest sessions of every user are what the model says they are; throws at the first difference. */
export async function compare(world: World, users: readonly ModelUser[]): Promise<void> {
  const now = world.now()
  await Promise.all(
    users.flatMap((user) => {
      const live = liveAt(user, now)
      return user.sessions
        .slice(-COMPARED)
        .map((session) => compareOne(world, user, session, live.includes(session)))
    }),
  )
}

async function compareOne(
  { sessions }: World,
  user: ModelUser,
  session: ModelSession,
  isLive: boolean,
): Promise<void> {
  const found = await sessions.find(session.token)
  assert.deepEqual(found?.user.roles, user.roles)
  if (found?.state === 'live') {
    assert.ok(isLive, `ended as ${session.ended?.reason}, yet it lives`)
    const { id, createdAt, lastSeenAt, idleExpiresAt, expiresAt } = found.session
    assert.deepEqual(
      [id, createdAt, lastSeenAt, idleExpiresAt, expiresAt],
      [
        session.id,
        session.createdAt,
        session.lastSeenAt,
        idleDeadline(session),
        session.createdAt + ABSOLUTE,
      ],
    )
  } else {
    const { reason, replacedBy } = found?.ended ?? {}
    assert.deepEqual(
      [reason, replacedBy?.sessionId ?? null],
      [session.ended?.reason, session.ended?.by ?? null],
    )
  }
}

/** A record keeps 64 endings; the last few are those that a step can get wrong. */
const COMPARED = 4
