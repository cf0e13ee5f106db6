import { type Static, Type } from '@sinclair/typebox'

/** The one error body (RFC 9457). `code` is what programs decide on; `detail` is for the person reading. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URN made of the code.' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Literal and stable: decide on this.' }),
    detail: Type.String({ description: 'What is wrong, and what to do about it.' }),
  },
  { title: 'Problem', additionalProperties: true },
)
export type Problem = Static<typeof Problem>
