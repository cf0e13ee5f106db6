import type { FastifyRequest } from 'fastify'
import { liveOf } from '../fastify/principal.ts'
import type { TimelineEvent } from '../timeline/timeline.ts'
import { dataOf } from './views.ts'

/** The administrator who asks, as the user whom it concerns may know them. */
export function actor(request: FastifyRequest): TimelineEvent['by'] {
  const { user } = liveOf(request)
  return { device: null, ip: null, user: dataOf(user).username, userId: user.id }
}
