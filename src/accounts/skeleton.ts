import unhomoglyph from 'unhomoglyph'

/**
 * The skeleton of a name: two names with the same skeleton look alike (UTS 39 §4, confusable detection), such as `paypal` and
 * `paypa1`, or `scope` in Latin and in Cyrillic letters. It is only compared, never shown.
 */
export function skeletonOf(canonical: string): string {
  const undotted = canonical.normalize('NFD').replace(SECOND_DOT, '')
  return unhomoglyph(undotted).normalize('NFD')
}

/** A second dot above a letter that has one already. It looks the same: `İ` in lower case is `i` with a dot above. */
const SECOND_DOT = /(?<=\p{Soft_Dotted}\p{Mn}*)\u0307/gv
