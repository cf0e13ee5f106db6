import { type Static, Type } from '@sinclair/typebox'

/** How lists are asked for, page by page: `after` is the `next` of the page before. */
export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    after: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  },
  { additionalProperties: false },
)
export type PageQuery = Static<typeof PageQuery>

/** The page size where none is asked for. */
export const PAGE = 50
