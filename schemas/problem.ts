import { type Static, Type } from '@sinclair/typebox'
import { Device, Session, Time } from './session.ts'

/** The one error body (RFC 9457). `code` is what programs decide on; `detail` is for the person reading. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URN made of the code.' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Literal and stable: decide on this.' }),
    detail: Type.String({ description: 'What is wrong, and what to do about it.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({ path: Type.String({ description: 'A JSON pointer.' }), message: Type.String() }),
        { description: 'With `invalid_request`: what is wrong, field by field.' },
      ),
    ),
    replacedBy: Type.Optional(
      Type.Object(
        { device: Device, ip: Type.String({ description: 'Masked.' }), at: Time },
        { description: 'With `session_replaced`: the device that took the seat, and when.' },
      ),
    ),
    retry: Type.Optional(
      Type.Boolean({
        description: 'False with `session_replaced`: a program is not to sign in again by itself.',
      }),
    ),
    sessions: Type.Optional(
      Type.Array(Session, { description: 'With `session_limit_reached`: who has the seats.' }),
    ),
    requestId: Type.Optional(Type.String({ description: 'With `internal`: what to find in the logs.' })),
  },
  { title: 'Problem', additionalProperties: true },
)
export type Problem = Static<typeof Problem>
