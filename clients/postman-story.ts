import type { Item } from './postman.ts'

/** A request of the story, made from that of its operation. */
type Step = (requests: readonly Item[]) => Item

const HAS_SESSION_OF = (device: string) => [
  'pm.response.to.have.status(200)',
  `pm.expect(pm.response.json().session.device.name).to.equal('${device}')`,
]

/** The phone takes the seat, the laptop is told by whom and disputes it. For a service with one seat and open sign-up. */
export const TWO_DEVICES: readonly Step[] = [
  step('laptop', 'POST register', 'makes an account', {
    before: ["pm.collectionVariables.set('username', pm.variables.replaceIn('ann{{$timestamp}}'))"],
    body: { username: '{{username}}', password: '{{password}}' },
    check: ['pm.response.to.have.status(201)'],
  }),
  step('laptop', 'POST login', 'signs in', {
    body: credentials('laptop'),
    check: HAS_SESSION_OF('laptop'),
  }),
  step('laptop', 'GET me', 'is signed in', { check: HAS_SESSION_OF('laptop') }),
  step('phone', 'POST login', 'signs in and takes the seat', {
    body: credentials('phone'),
    check: [
      ...HAS_SESSION_OF('phone'),
      "pm.expect(pm.response.json().replaced[0].device.name).to.equal('laptop')",
    ],
  }),
  step('phone', 'GET me/sessions', 'sees its own session only', {
    check: [
      'pm.response.to.have.status(200)',
      "pm.expect(pm.response.json().sessions.map((each) => each.device.name)).to.eql(['phone'])",
    ],
  }),
  step('laptop', 'GET me', 'is told who replaced it', {
    check: [
      'pm.response.to.have.status(401)',
      "pm.expect(pm.response.json().code).to.equal('session_replaced')",
      "pm.expect(pm.response.json().replacedBy.device.name).to.equal('phone')",
    ],
  }),
  step('laptop', 'POST sessions/dispute', 'reports that this was not the owner', {
    check: ['pm.response.to.have.status(202)'],
  }),
  step('phone', 'GET me', 'is out', {
    check: [
      'pm.response.to.have.status(401)',
      "pm.expect(pm.response.json().code).to.equal('session_disputed')",
    ],
  }),
]

function credentials(device: string) {
  return { username: '{{username}}', password: '{{password}}', device }
}

function step(
  device: string,
  call: string,
  name: string,
  { before = [], body, check }: { before?: string[]; body?: object; check: string[] },
): Step {
  return (requests) => {
    const found = requests.find(
      ({ request }) => `${request?.method} ${request?.url.path.join('/')}` === call,
    )
    if (found?.request === undefined) throw new Error(`no operation is ${call}`)
    const { method, url, header } = found.request
    const test = [`pm.test('the ${device} ${name}', () => {`, ...check.map((line) => `  ${line}`), '})']
    const scripts = [
      ...(before.length > 0 ? [['prerequest', before] as const] : []),
      ['test', test] as const,
    ]
    return {
      name: `The ${device} ${name}`,
      request: {
        method,
        url: { ...url, host: [`{{${device}}}`] },
        header,
        ...(body === undefined ? {} : { body: { mode: 'raw', raw: JSON.stringify(body, null, 2) } }),
      },
      event: scripts.map(([listen, exec]) => ({
        listen,
        script: { type: 'text/javascript', exec: [...exec] },
      })),
    }
  }
}
