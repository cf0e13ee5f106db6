import t from 'tap'
import { noteOf, noteOfCommand, readNote } from '../../src/timeline/note.ts'

const REQUEST = { ip: '203.0.113.7', id: 'request-1' }
const NOTHING = {
  ...{ events: [], by: null, ip: null, reqId: null, sessionId: null, device: null },
  newDevice: null,
}

t.test('a note is what a request says of a change, and comes back as it was written', async (t) => {
  t.strictSame(readNote(noteOf(REQUEST)), { ...NOTHING, ip: '203.0.113.7', reqId: 'request-1' })
  const more = {
    events: ['password_changed'] as const,
    by: { device: null, ip: null, user: 'Zoë "root"' },
    sessionId: 's',
    device: { name: 'a\tb', os: null, browser: null },
    newDevice: true,
  }
  const whole = { ...more, ip: '203.0.113.7', reqId: 'request-1' }
  t.strictSame(readNote(noteOf(REQUEST, more)), whole)
})

t.test('on the command line there is no request', async (t) => {
  const by = { device: null, ip: null, user: 'command line' }
  t.strictSame(readNote(noteOfCommand(['user_disabled'])), { ...NOTHING, events: ['user_disabled'], by })
})

t.test('no note, or one of a version that said less, says nothing more', async (t) => {
  t.strictSame(readNote(null), NOTHING)
  t.strictSame(readNote('{"ip":"::1"}'), { ...NOTHING, ip: '::1' })
})
