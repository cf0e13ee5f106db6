import { type Static, Type } from '@sinclair/typebox'

/**
 * No control characters: PostgreSQL takes no NUL in a text, and nothing of ours has any. Patterns are written so that JavaScript
 * without the `u` flag, Python, Java and Go read them alike; what they cannot say is a `format` (`src/http/validation.ts`).
 */
export const PLAIN = '^[^\\x00-\\x1f\\x7f-\\x9f]*$'

/** How lists are asked for, page by page: `after` is the `next` of the page before. */
export const PageQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'How many at most.' }),
    ),
    after: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 254,
        pattern: PLAIN,
        description: 'The `next` of the page before.',
        examples: ['bob'],
      }),
    ),
  },
  { additionalProperties: false },
)
export type PageQuery = Static<typeof PageQuery>

/** The page size where none is asked for. */
export const PAGE = 50
