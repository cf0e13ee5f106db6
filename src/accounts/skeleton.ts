import unhomoglyph from 'unhomoglyph'

/**
 * What a name looks like: names with the same skeleton can be taken for each other (UTS 39 §4, confusable detection), as
 * `paypal` and `paypa1`, or `scope` in Latin and in Cyrillic letters. It is for comparing, never for showing.
 */
export function skeletonOf(canonical: string): string {
  const undotted = canonical.normalize('NFD').replace(SECOND_DOT, '')
  return unhomoglyph(undotted).normalize('NFD')
}

/** A letter that has a dot anyway looks the same with another one: `İ` is `i` with a dot above when in lower case. */
const SECOND_DOT = /(?<=\p{Soft_Dotted}\p{Mn}*)\u0307/gv
