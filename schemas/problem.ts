import { type Static, type TObject, Type } from '@sinclair/typebox'
import { Device, Session, Time } from './session.ts'

/**
 * The one error body (RFC 9457). `code` is what programs decide on; `detail` is for the person reading. The optional members
 * are those that one code or another carries: `MEMBERS` says which.
 */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URN made of the code.' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Literal and stable: decide on this.' }),
    detail: Type.String({ description: 'What is wrong, and what to do about it.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          path: Type.String({ description: 'A JSON pointer.', examples: ['/username'] }),
          message: Type.String({ examples: ['must be string'] }),
        }),
        { description: 'What is wrong, field by field.' },
      ),
    ),
    replacedBy: Type.Optional(
      Type.Object(
        {
          device: Device,
          ip: Type.String({ description: 'Masked.', examples: ['192.0.2.0/24'] }),
          at: Time,
        },
        { description: 'The device that took the seat, and when.' },
      ),
    ),
    retry: Type.Optional(
      Type.Boolean({
        description: 'False: a program is not to sign in again by itself.',
        examples: [false],
      }),
    ),
    sessions: Type.Optional(Type.Array(Session, { description: 'Who has the seats.' })),
    requestId: Type.Optional(
      Type.String({ description: 'What to find in the logs.', examples: ['req-1k'] }),
    ),
  },
  { title: 'Problem', additionalProperties: true },
)
export type Problem = Static<typeof Problem>

/** The members that a problem of this code always has, besides those that all have. */
export const MEMBERS: Readonly<Record<string, readonly (keyof typeof Problem.properties)[]>> = {
  invalid_request: ['errors'],
  session_replaced: ['replacedBy', 'retry'],
  session_limit_reached: ['sessions'],
  internal: ['requestId'],
}

/** A problem that has one of these codes. */
export function problemOf<C extends string>(codes: readonly C[]): TObject {
  const code = Type.Unsafe<C>({ ...Problem.properties.code, enum: [...codes] })
  return Type.Object({ ...Problem.properties, code }, { title: 'Problem', additionalProperties: true })
}
