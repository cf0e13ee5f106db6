import t from 'tap'
import { originProblem } from '../../src/settings/allowed-origins.ts'
import { readSettings, SettingsError } from '../../src/settings/settings.ts'

t.test('what no browser sends stops the start, and what to write instead is said', async (t) => {
  for (const [origin, about] of [
    ['*', /a \*/],
    ['https://*', /a \*/],
    ['https://*.example.com', /a \*/],
    ['https://app.*', /a \*/],
    ['https://app.example:*', /a \*/],
    ['null', /hide/],
    ['app.example', /begin with https/],
    ['//app.example', /begin with https/],
    ['localhost:5173', /begin with https/],
    ['ftp://app.example', /begin with https/],
    ['file:///', /begin with https/],
    ['capacitor://localhost', /begin with https/],
    ['https://app.example/', /Write https:\/\/app\.example$/],
    ['https://app.example/path', /Write https:\/\/app\.example$/],
    ['https://app.example?x', /Write https:\/\/app\.example$/],
    ['https://app.example#x', /Write https:\/\/app\.example$/],
    ['https://u:p@app.example', /Write https:\/\/app\.example$/],
    ['https://APP.example', /Write https:\/\/app\.example$/],
    ['HTTPS://app.example', /Write https:\/\/app\.example$/],
    ['https://app.example:443', /Write https:\/\/app\.example$/],
    ['http://app.example:80', /Write http:\/\/app\.example$/],
    ['https://app.example:08443', /Write https:\/\/app\.example:8443$/],
    ['https://b\u00fccher.example', /Write https:\/\/xn--bcher-kva\.example$/],
    ['https:///app.example', /Write https:\/\/app\.example$/],
    ['https://0x7f.1', /Write https:\/\/127\.0\.0\.1$/],
    ['https://', /cannot be read/],
    ['https://app.example:99999', /cannot be read/],
    ['https://a b', /cannot be read/],
  ] as const) {
    for (const ALLOWED_ORIGINS of [origin, `https://good.example, ${origin}`])
      t.throws(
        () => readSettings({ ALLOWED_ORIGINS }),
        { constructor: SettingsError, message: /^ALLOWED_ORIGINS: [^\n]+$/ },
        ALLOWED_ORIGINS,
      )
    t.match(originProblem(origin), about, origin)
  }
})

t.test('what a browser sends is taken', async (t) => {
  for (const origin of [
    'https://app.example',
    'https://app.example:8443',
    'http://localhost:5173',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
    'https://xn--bcher-kva.example',
    'https://app.example.',
  ])
    t.strictSame(readSettings({ ALLOWED_ORIGINS: origin }).ALLOWED_ORIGINS, [origin])
  t.strictSame(
    readSettings({ ALLOWED_ORIGINS: ' https://a.example ,, https://b.example,' }).ALLOWED_ORIGINS,
    ['https://a.example', 'https://b.example'],
  )
})
