import { type Static, Type } from '@sinclair/typebox'
import { Device, Time } from './session.ts'

const OrNull = <T extends import('@sinclair/typebox').TSchema>(schema: T) =>
  Type.Union([schema, Type.Null()])

/** One line of an account's story. */
export const Event = Type.Object(
  {
    id: Type.String(),
    type: Type.String({
      description: 'Such as `login`, `login_failed`, `session_replaced`, `password_changed`.',
    }),
    at: Time,
    sessionId: OrNull(Type.String()),
    device: OrNull(Device),
    ip: OrNull(Type.String({ description: 'Masked.' })),
    by: Type.Union(
      [
        Type.Object({ device: OrNull(Device), ip: OrNull(Type.String()), user: OrNull(Type.String()) }),
        Type.Null(),
      ],
      { description: 'The device or the administrator behind it, where it was another.' },
    ),
    newDevice: Type.Optional(
      Type.Boolean({
        description: 'With `login`: whether this device had no cookie from an earlier one.',
      }),
    ),
    story: Type.String({ description: 'The same as a sentence for people: what, where, and by whom.' }),
  },
  { title: 'Event' },
)
export type Event = Static<typeof Event>

export const EventPage = Type.Object(
  { events: Type.Array(Event, { description: 'Newest first.' }), next: OrNull(Type.String()) },
  { title: 'EventPage' },
)
export type EventPage = Static<typeof EventPage>
