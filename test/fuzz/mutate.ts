/** Another input, made of those that are there: bytes changed, cut out, doubled, put in, or two inputs spliced. */
export function mutate(corpus: readonly Buffer[], random: () => number): Buffer {
  let bytes = pick(corpus, random)
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const at = Math.floor(random() * (bytes.length + 1))
    const length = Math.floor(random() * 8)
    const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)]
    const kind = Math.floor(random() * 5)
    const other = pick(corpus, random)
    if (kind === 0) bytes = Buffer.concat([head, Buffer.of(random() * 256), tail.subarray(1)])
    else if (kind === 1) bytes = Buffer.concat([head, tail.subarray(length)])
    else if (kind === 2) bytes = Buffer.concat([head, tail.subarray(0, length), tail])
    else if (kind === 3) bytes = Buffer.concat([head, Buffer.from(pick(TOKENS, random), 'latin1'), tail])
    else bytes = Buffer.concat([head, other.subarray(Math.floor(random() * other.length))])
  }
  return bytes.subarray(0, LONGEST)
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T
}

const LONGEST = 4096
/** What means something to one parser or another. */
const TOKENS = [
  '"',
  '\\',
  '\\u',
  '\\ud800',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  ';',
  '=',
  '.',
  '%',
  '%00',
  '\0',
  '\x80',
  '\xff',
  ' ',
  '__proto__',
  '"constructor":',
  '1e999',
  '-0',
  'null',
  'oneseat=',
  '::',
  '::ffff:',
  '/64',
  '1.',
  '\r\n',
  '\r\n\r\n',
  'GET /me HTTP/1.1\r\nHost: a\r\n',
  'POST /login HTTP/1.1\r\nHost: a\r\n',
  'Content-Type: application/json\r\n',
  'Content-Length: 9\r\n',
  'Transfer-Encoding: chunked\r\n',
  'X-Forwarded-For: ',
  'Mozilla/5.0 (',
  'e\xcc\x81',
  '\xef\xbc\xa1',
]
