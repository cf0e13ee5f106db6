import t from 'tap'
import { isKeyboardWalk } from '../../src/accounts/keyboard-walk.ts'

t.test('fingers that go from key to key', async (t) => {
  for (const walk of [
    ...[
      'qwertyuiop',
      'poiuytrewq',
      'QAZWSXEDC',
      '1qaz2wsx3edc',
      '!QAZ@WSX#EDC',
      'zaq12wsxcde34',
      'qqqwwweee',
    ],
    ...['qwertzuiopü', 'azertyuiopq', 'йцукенфывап', 'ςερτυασδφγ', 'קראטוןשדגכע'],
  ])
    t.equal(isKeyboardWalk(walk), true, walk)
})

t.test('words and random characters', async (t) => {
  for (const text of [
    'correct horse',
    'were fresh trees',
    'привет как дела',
    'k3v9x2m7q4w8z1n',
    '李小龍李小龍',
    'qpalzmwoskxn',
  ])
    t.equal(isKeyboardWalk(text), false, text)
})
