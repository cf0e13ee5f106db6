import type { FastifyRequest } from 'fastify'
import { liveOf } from '../fastify/principal.ts'
import type { TimelineEvent } from '../timeline/timeline.ts'
import { nameOf } from './views.ts'

/** The administrator or the program that asks, as the user whom it concerns may know them. No username has a space in it. */
export function actor(request: FastifyRequest): NonNullable<TimelineEvent['by']> {
  const { serviceKey } = request
  if (serviceKey !== null) return { device: null, ip: null, user: `key ${serviceKey.name}` }
  const { user } = liveOf(request)
  return { device: null, ip: null, user: nameOf(user), userId: user.id }
}
