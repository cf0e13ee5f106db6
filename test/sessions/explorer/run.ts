import type { NumberedUser } from '../../../src/sessions/numbers.ts'
import type { Claimed } from '../../../src/sessions/sessions.ts'
import { type Answer, act, type Instance, idOf, numberOf, TRY, tokenOf } from './actor.ts'
import type { Fault, Plan, Scenario } from './scenario.ts'
import { FIRST, type Start } from './start.ts'
import { connectionLost, type Scheduled, type Stores } from './stores.ts'
import { describeAnswer, describeStep } from './story.ts'

/** A command that an actor has sent and that has not had its turn yet. */
type Waiting = {
  /** The history of the server that it was sent to; null for SQL. */
  server: string | null
  perform: (told: boolean) => string
  fail: (error: Error) => void
  /** How many steps had been taken when it began to wait for others; null for a command. */
  since: number | null
}

/** How things stood when an actor began: who was signed in, who was over, the highest number of an answered login. */
type Before = { sessions: readonly string[]; over: readonly string[]; newest: number }

/** The turn of the actor at `index`; `way` 1 of a command is that its answer is lost, of a rollback how far it goes. */
export type Choice = { index: number; way: number }

type Actor = {
  plan: Plan
  state: 'not started' | 'running' | 'done'
  before: Before
  waiting: Waiting | null
  /** Everything it was told: an actor that was told the same is in the same state. */
  told: string
}

/** One schedule being played: look at the choices, take one, look again. */
export class Run {
  readonly scenario: Scenario
  readonly stores: Stores
  readonly answers: Answer[] = []
  /** Sessions that may never be accepted again. */
  readonly over = new Set<string>()
  /** Whether anything was put back in time or left in the dark. */
  faulty = false
  /** The sessions that somebody has a cookie of, and their login numbers. */
  readonly sessions = new Map<string, number>()
  /** What a login gave to those who were answered. */
  readonly #claimed = new Map<string, Claimed>()
  readonly #start: Start
  readonly #actors: Actor[]
  readonly #story: (() => string)[] = []
  /** How many steps were taken. */
  #steps = 0
  #crash: { error: unknown } | null = null

  constructor(start: Start) {
    const { scenario, stores } = start
    this.#start = start
    this.scenario = scenario
    this.stores = { ...stores }
    for (let number = 1; number <= scenario.signedIn; number++) this.sessions.set(`s${number}`, number)
    this.#actors = scenario.actors.map((plan) => ({
      plan,
      state: 'not started',
      before: { sessions: [], over: [], newest: 0 },
      waiting: null,
      told: '',
    }))
  }

  /** What can happen next: whose turn it is, and in which of the ways that it can come out. */
  choices(): Choice[] {
    return this.#actors.flatMap((actor, index) => {
      if (!this.#isReady(actor)) return []
      return Array.from({ length: this.#ways(actor) }, (_, way) => ({ index, way }))
    })
  }

  #ways({ plan, waiting }: Actor): number {
    const { losesAnswer = false } = this.scenario
    if (plan.kind !== 'fault') {
      return losesAnswer && !this.faulty && waiting !== null && waiting.server !== null ? 2 : 1
    }
    if (plan.fault === 'store rolled back' || plan.fault === 'store demoted')
      return this.stores.pastTexts.length
    if (plan.fault === 'another leads') return Math.min(2, this.stores.pastTexts.length)
    return plan.fault === 'SQL rolled back' ? this.stores.pastUsers.length : 1
  }

  async take({ index, way }: Choice): Promise<void> {
    const actor = this.#actors[index] as Actor
    if (actor.plan.kind === 'fault') {
      actor.state = 'done'
      this.#strike(actor.plan.fault, way)
      return this.#quiet()
    }
    if (actor.state === 'not started') await this.#begin(actor, actor.plan)
    this.#steps++
    const { perform } = actor.waiting as Waiting
    actor.waiting = null
    const isTold = way === 0
    this.faulty ||= !isTold
    const line = perform(isTold)
    this.#story.push(() => `${actor.plan.name} ${describeStep(line, (number) => this.#nameOf(number))}`)
    return this.#quiet()
  }

  /** Runs with equal keys go on in the same ways, and the same will be right or wrong about them. */
  key(): string {
    const { text, user, history, aside, inUse, open, pastTexts, pastUsers } = this.stores
    const { id } = this.#start
    const actors = this.#actors.map(({ plan, state, told, before, waiting }) => {
      if (plan.kind === 'fault') {
        if (state === 'done') return state
        if (plan.fault === 'SQL rolled back') return pastUsers.map(({ number }) => number)
        return pastTexts.map(id).sort()
      }
      const answer = this.answers.find(({ deed }) => deed === plan)
      if (answer !== undefined) return answerKey(answer) // how it came to that matters no more
      return [state, told, waiting?.server, before.sessions, before.over, before.newest].join('|')
    })
    const numbers = open.map(({ number, by }) => `${number} ${by}`)
    const stamps = inUse.map((each) => `${each.history} ${each.stamp}`)
    const shared = [id(text), user.number, history, id(aside), numbers, stamps, this.faulty]
    return [...shared, [...this.over].sort(), ...actors].join('\n')
  }

  /** Who may still do something. */
  running(): string[] {
    return this.#actors.filter(({ state }) => state === 'running').map(({ plan }) => plan.name)
  }

  /** What happened, for people. */
  story(): string[] {
    return this.#story.map((tell) => tell())
  }

  before(name: string): Before {
    return this.#actors.find((actor) => actor.plan.name === name)?.before as Before
  }

  /** The cookie of a session, and its public id. */
  cookie(session: string): { token: string; id: string } {
    const claimed = this.#claimed.get(session)
    if (claimed !== undefined) return { token: claimed.token, id: claimed.session.id }
    return { token: tokenOf(this.#number(session)), id: idOf(this.#number(session)) }
  }

  /** The number that a session's secret and id are made from: that of the actor whose login made it. */
  #number(session: string): number {
    const i = this.#actors.findIndex((actor) => actor.plan.name === session)
    return i === -1 ? Number(session.slice(1)) : i + FIRST
  }

  /** The name of the session with this public id. */
  nameOf(id: string): string {
    for (const [name, { session }] of this.#claimed) if (session.id === id) return name
    const number = numberOf(id)
    return number < FIRST ? this.#nameOf(number) : `${this.#nameOf(number)}, of which nobody was told`
  }

  /** A login that was lost and made again has another number. */
  #nameOf(number: number): string {
    const tries = Math.floor(number / TRY)
    const name = this.#actors[(number % TRY) - FIRST]?.plan.name ?? `s${number % TRY}`
    return name + '?'.repeat(tries)
  }

  #isReady(actor: Actor): boolean {
    const { plan, state, waiting } = actor
    if (state !== 'not started') {
      if (state !== 'running' || waiting === null) return false
      if (waiting.since !== null) return waiting.since < this.#steps || !this.#canOthersGo(actor)
      return waiting.server === null || waiting.server === this.stores.history
    }
    if (plan.kind === 'fault') {
      if (plan.fault === 'first leads again') return this.stores.aside !== null
      return plan.fault !== 'store restarted' || this.running().length === 0
    }
    if ('of' in plan) return this.sessions.has(plan.of)
    // Who is first of two that do the same makes no difference.
    return this.#actors.slice(0, this.#actors.indexOf(actor)).every((earlier) => {
      return earlier.state !== 'not started' || !areTwins(earlier.plan, plan, this.scenario)
    })
  }

  /** Whether anybody else has something to do: nobody waits for others in vain. */
  #canOthersGo(actor: Actor): boolean {
    return this.#actors.some(({ plan, state, waiting }) => {
      const isRunning = state === 'running' && waiting !== null && waiting.since === null
      return (
        plan !== actor.plan &&
        isRunning &&
        (waiting.server ?? this.stores.history) === this.stores.history
      )
    })
  }

  async #begin(actor: Actor, deed: Exclude<Plan, { kind: 'fault' }>): Promise<void> {
    const step: Scheduled = (wire, effect, describe) =>
      new Promise((answer, fail) => {
        const perform = (isTold: boolean) => {
          const result = effect()
          // Who reads anew has no more use for what was told before, but for the numbers that were taken.
          const isRead = typeof result === 'object' && result !== null && 'text' in result
          if (isRead)
            actor.told = this.stores.open
              .map(({ by, number }) => (by === deed.name ? number : ''))
              .join()
          actor.told += ` ${isTold ? '' : '?'}${this.#start.id(result)}`
          if (isTold) answer(result)
          else fail(connectionLost())
          return `${describe(result)}${isTold ? '' : ', but the answer is lost'}`
        }
        const server = wire === 'store' ? this.stores.history : null
        actor.waiting = { server, perform, fail, since: null }
      })
    actor.before = {
      sessions: [...this.sessions.keys()],
      over: [...this.over].sort(),
      newest: Math.max(0, ...this.sessions.values()),
    }
    actor.state = 'running'
    const own = this.#start.instances[this.#number(deed.name)] as Instance
    own.renewed()
    const isRunning = (name: string) => this.running().includes(name)
    const pause = () =>
      new Promise<void>((resolve, fail) => {
        const perform = () => {
          actor.told += ' waited'
          resolve()
          return 'waits'
        }
        actor.waiting = { server: null, perform, fail, since: this.#steps }
      })
    Object.assign(own.wires, { stores: this.stores, step, pause, name: deed.name, isRunning })
    const ended = (answer: Answer) => {
      actor.state = 'done'
      this.answers.push(answer)
      if (answer.kind === 'signed in') {
        this.sessions.set(deed.name, answer.claimed.session.epoch)
        if (deed.kind === 'login') this.#claimed.set(deed.name, answer.claimed)
      }
      this.#story.push(() => `${deed.name} is answered: ${describeAnswer(answer)}`)
    }
    const crashed = (error: unknown) => {
      this.#crash = { error }
    }
    void act(deed, own, (session) => this.cookie(session)).then(ended, crashed)
    await this.#quiet()
  }

  #strike(fault: Fault, way: number): void {
    const { stores } = this
    this.#story.push(() => `(${fault})`)
    const next = {
      parent: stores.history,
      history: String.fromCharCode(stores.history.charCodeAt(0) + 1),
    }
    if (fault !== 'store restarted') this.faulty = true
    switch (fault) {
      case 'SQL rolled back':
        stores.user = stores.pastUsers[way] as NumberedUser
        stores.open = stores.open.filter(({ number }) => number <= stores.user.number)
        return
      case 'store restarted':
        Object.assign(stores, next)
        return
      case 'store demoted':
        Object.assign(stores, { ...next, text: stores.pastTexts[way] })
        for (const { waiting } of this.#actors) {
          if (waiting?.server != null) waiting.server = stores.history // the connection stays open
        }
        return
      case 'another leads': {
        const { text, history, parent } = stores
        Object.assign(stores, {
          ...next,
          aside: { text, history, parent },
          text: stores.pastTexts.at(-1 - way),
        })
        return
      }
      case 'first leads again': {
        const gone = stores.history
        Object.assign(stores, { ...stores.aside, aside: null })
        this.#cut((server) => server === gone)
        return
      }
      case 'store rolled back':
      case 'store emptied':
        Object.assign(stores, {
          ...next,
          text: fault === 'store emptied' ? null : stores.pastTexts[way],
        })
        this.#cut((server) => server !== null)
    }
  }

  /** Breaks the connections to servers. */
  #cut(which: (server: string | null) => boolean): void {
    for (const actor of this.#actors) {
      if (actor.waiting === null || !which(actor.waiting.server)) continue
      actor.waiting.fail(connectionLost())
      actor.waiting = null
    }
  }

  /** Everybody who has an answer has gone on to their next command, or to the end. */
  async #quiet(): Promise<void> {
    while (this.#actors.some((actor) => actor.state === 'running' && actor.waiting === null)) {
      if (this.#crash !== null) throw this.#crash.error
      await null
    }
  }
}

/** Two logins that differ in nothing but their names. */
function areTwins(a: Plan, b: Plan, { actors }: Scenario): boolean {
  if (a.kind !== 'login' || b.kind !== 'login') return false
  const areNamed = actors.some((plan) => 'of' in plan && (plan.of === a.name || plan.of === b.name))
  return !areNamed && a.presents === b.presents && a.replace === b.replace
}

function answerKey(answer: Answer): string {
  const replaced = answer.kind === 'signed in' ? answer.claimed.replaced.map(({ id }) => id) : []
  return `${describeAnswer(answer)} ${replaced}`
}
