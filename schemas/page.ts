import { type Static, Type } from '@sinclair/typebox'

/**
 * Text without control characters: PostgreSQL takes no NUL, and no value of ours needs the others. Patterns are written so that
 * JavaScript without the `u` flag, Python, Java and Go read them alike; other rules are a `format` (`src/http/validation.ts`).
 */
export const PLAIN = '^[^\\x00-\\x1f\\x7f-\\x9f]*$'

/** The query of a list with pages: `after` is the `next` of the page before. */
export const PageQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'How many entries at most.' }),
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

/** The default page size. */
export const PAGE = 50
