import type { FastifyRequest } from 'fastify'
import { liveOf } from '../fastify/principal.ts'
import type { TimelineEvent } from '../timeline/timeline.ts'
import { nameOf } from './views.ts'

/**
 * The administrator or program that makes the request, as the user concerned may see it. `key NAME` cannot be a username, because
 * of the space.
 */
export function actor(request: FastifyRequest): NonNullable<TimelineEvent['by']> {
  const { serviceKey } = request
  if (serviceKey !== null) return { device: null, ip: null, user: `key ${serviceKey.name}` }
  const { user } = liveOf(request)
  return { device: null, ip: null, user: nameOf(user), userId: user.id }
}
