import type { FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { liveOf } from '../fastify/principal.ts'
import { dataOf } from './views.ts'

/** The hook, after `requireSession`, that refuses users who have to choose another password first. */
export async function refuseWhilePasswordDue(request: FastifyRequest): Promise<void> {
  if (dataOf(liveOf(request).user).mustChangePassword) throw new Refusal('password_change_required')
}
