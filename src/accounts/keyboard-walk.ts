/**
 * Whether more than two thirds of the steps through a password lead to a neighbouring key or repeat a key, as in
 * `2wsx3edc4rfv5tgb`. zxcvbn counts each straight piece by itself, so it overestimates passwords of many short pieces.
 */
export function isKeyboardWalk(text: string): boolean {
  const typed = [...text.toLowerCase()].map((char) => UNSHIFTED.get(char) ?? char)
  return KEYBOARDS.some((keyboard) => {
    const keys = typed.map((char) => keyboard.get(char))
    const near = keys.filter((key, i) => isBeside(key, keys[i - 1])).length
    return near * 3 > (keys.length - 1) * 2
  })
}

type Key = { row: number; column: number } | undefined

/** A key has six neighbours, because each row is shifted to the right by half a key. */
function isBeside(a: Key, b: Key): boolean {
  if (a === undefined || b === undefined) return false
  const down = a.row - b.row
  const right = a.column - b.column
  if (down === 0) return Math.abs(right) <= 1
  return Math.abs(down) === 1 && (right === 0 || right === -down)
}

const SHIFTED = '!@#$%^&*()_+{}:"<>?'
const PLAIN = "1234567890-=[];',./"
const UNSHIFTED = new Map([...SHIFTED].map((char, i) => [char, PLAIN.charAt(i)]))

/** The keyboards for English, German, French, Russian, Greek and Hebrew. */
const KEYBOARDS = [
  ['qwertyuiop[]', "asdfghjkl;'", 'zxcvbnm,./'],
  ['qwertzuiopü', 'asdfghjklöä', 'yxcvbnm,.-'],
  ['azertyuiop', 'qsdfghjklmù', 'wxcvbn,;:!'],
  ['йцукенгшщзхъ', 'фывапролджэ', 'ячсмитьбю'],
  [';ςερτυθιοπ', 'ασδφγηξκλ', 'ζχψωβνμ'],
  ["/'קראטוןםפ", 'שדגכעיחלךף', 'זסבהנמצתץ'],
].map((letters) => {
  const rows = ['1234567890-=', ...letters]
  return new Map(
    rows.flatMap((chars, row) => [...chars].map((char, column) => [char, { row, column }] as const)),
  )
})
