import { type Static, type TObject, Type } from '@sinclair/typebox'
import { Device, Session, Time } from './session.ts'

/**
 * The error body of all calls (RFC 9457). Programs compare `code`; `detail` is for people. The optional members belong to certain
 * codes: `MEMBERS` says which.
 */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URN made of the code.' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable: programs compare this.' }),
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
        { description: 'The device that signed in later, and when.' },
      ),
    ),
    retry: Type.Optional(
      Type.Boolean({
        description: 'False: a program must not sign in again by itself.',
        examples: [false],
      }),
    ),
    sessions: Type.Optional(Type.Array(Session, { description: 'The sessions that have the seats.' })),
    requestId: Type.Optional(
      Type.String({
        description: 'The `reqId` of the log lines of this request.',
        examples: ['req-1k'],
      }),
    ),
  },
  { title: 'Problem', additionalProperties: true },
)
export type Problem = Static<typeof Problem>

/** The additional members that a problem of this code always has. */
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
