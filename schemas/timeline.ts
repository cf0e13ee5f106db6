import { type Static, Type } from '@sinclair/typebox'
import { Device, Time } from './session.ts'

const OrNull = <T extends import('@sinclair/typebox').TSchema>(schema: T) =>
  Type.Union([schema, Type.Null()])

/** What can happen to an account. */
export const EVENT_TYPES = [
  'registered',
  'login',
  'login_failed',
  'session_replaced',
  'logged_out',
  'session_idle',
  'session_expired',
  'session_revoked',
  'session_disputed',
  'session_lost',
  'password_changed',
  'reset_requested',
  'password_reset',
  'username_changed',
  'email_requested',
  'email_changed',
  'roles_changed',
  'user_disabled',
  'user_enabled',
  'user_deleted',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** One event of an account. */
export const TimelineEvent = Type.Object(
  {
    id: Type.String({ examples: ['0mi2x0q7k00001f3a9c2e'] }),
    type: Type.Unsafe<EventType>({
      type: 'string',
      enum: [...EVENT_TYPES],
      examples: ['session_replaced'],
    }),
    at: Time,
    sessionId: OrNull(Type.String({ examples: ['Jq3vT0aXnC8'] })),
    device: OrNull(Device),
    ip: OrNull(Type.String({ description: 'Masked.', examples: ['192.0.2.0/24'] })),
    by: Type.Union(
      [
        Type.Object({
          device: OrNull(Device),
          ip: OrNull(Type.String({ examples: ['203.0.113.0/24'] })),
          user: OrNull(Type.String({ examples: ['root'] })),
        }),
        Type.Null(),
      ],
      { description: 'The other device or the administrator who caused it; null if neither did.' },
    ),
    newDevice: Type.Optional(
      Type.Boolean({
        description: 'For `login`: whether this device had no device cookie from an earlier login.',
      }),
    ),
    story: Type.String({ description: 'The event as a sentence for people: what, where, and by whom.' }),
  },
  { title: 'TimelineEvent' },
)
export type TimelineEvent = Static<typeof TimelineEvent>

export const TimelinePage = Type.Object(
  {
    events: Type.Array(TimelineEvent, { description: 'Newest first.' }),
    next: OrNull(Type.String({ examples: ['0mi2x0q7k00001f3a9c2e'] })),
  },
  { title: 'TimelinePage' },
)
export type TimelinePage = Static<typeof TimelinePage>
