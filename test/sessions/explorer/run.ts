import type { Account } from '../../../src/accounts/accounts.ts'
import { type Answer, act, type Instance, numberOf } from './actor.ts'
import type { Fault, Plan, Scenario } from './scenario.ts'
import { FIRST, type Start } from './start.ts'
import { connectionLost, type Scheduled, type Stores } from './stores.ts'
import { describeAnswer, describeStep } from './story.ts'

/** A command that an actor has sent and that has not had its turn yet. */
type Waiting = { overStore: boolean; perform: (told: boolean) => string; fail: (error: Error) => void }

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
  readonly #start: Start
  readonly #actors: Actor[]
  readonly #story: (() => string)[] = []
  /**
   * Whoever takes a number starts over with it, and has no use for what was read before: that makes a tenth of the states.
   * There is one exception, the fence when SQL was rolled back.
   */
  readonly #forgets: boolean
  #crash: { error: unknown } | null = null

  constructor(start: Start) {
    const { scenario, stores } = start
    this.#start = start
    this.scenario = scenario
    this.stores = { ...stores }
    this.#forgets = scenario.actors.every(
      (plan) => plan.kind !== 'fault' || plan.fault !== 'SQL rolled back',
    )
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
    if (plan.kind !== 'fault') return losesAnswer && !this.faulty && waiting?.overStore ? 2 : 1
    if (plan.fault === 'store rolled back') return this.stores.pastTexts.length
    return plan.fault === 'SQL rolled back' ? this.stores.pastAccounts.length : 1
  }

  async take({ index, way }: Choice): Promise<void> {
    const actor = this.#actors[index] as Actor
    if (actor.plan.kind === 'fault') {
      actor.state = 'done'
      this.#strike(actor.plan.fault, way)
      return this.#quiet()
    }
    if (actor.state === 'not started') await this.#begin(actor, actor.plan)
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
    const { text, account, restarts, pastTexts, pastAccounts } = this.stores
    const { id } = this.#start
    const actors = this.#actors.map(({ plan, state, told, before }) => {
      if (plan.kind === 'fault') {
        if (state === 'done' || plan.fault === 'store emptied') return state
        if (plan.fault === 'SQL rolled back') return pastAccounts.map(({ epoch }) => epoch)
        return pastTexts.map(id).sort()
      }
      const answer = this.answers.find(({ deed }) => deed === plan)
      if (answer !== undefined) return answerKey(answer) // how it came to that matters no more
      return [state, told, before.sessions, before.over, before.newest].join('|')
    })
    const shared = [id(text), account.epoch, restarts, this.faulty]
    return [...shared, [...this.over].sort(), ...actors].join('\n')
  }

  /** What happened, for people. */
  story(): string[] {
    return this.#story.map((tell) => tell())
  }

  before(name: string): Before {
    return this.#actors.find((actor) => actor.plan.name === name)?.before as Before
  }

  /** The number that a session's secret and id are made from: that of the actor whose login made it. */
  number(session: string): number {
    const i = this.#actors.findIndex((actor) => actor.plan.name === session)
    return i === -1 ? Number(session.slice(1)) : i + FIRST
  }

  /** The name of the session with this public id. */
  nameOf(id: string): string {
    return this.#nameOf(numberOf(id))
  }

  #nameOf(number: number): string {
    return this.#actors[number - FIRST]?.plan.name ?? `s${number}`
  }

  #isReady(actor: Actor): boolean {
    const { plan, state } = actor
    if (state !== 'not started') return state === 'running'
    if (plan.kind === 'fault')
      return plan.fault !== 'store restarted' || this.#actors.every(({ state }) => state !== 'running')
    if ('of' in plan) return this.sessions.has(plan.of)
    // Who is first of two that do the same makes no difference.
    return this.#actors.slice(0, this.#actors.indexOf(actor)).every((earlier) => {
      return earlier.state !== 'not started' || !areTwins(earlier.plan, plan, this.scenario)
    })
  }

  async #begin(actor: Actor, deed: Exclude<Plan, { kind: 'fault' }>): Promise<void> {
    const step: Scheduled = (wire, effect, describe) =>
      new Promise((answer, fail) => {
        const perform = (isTold: boolean) => {
          const result = effect()
          if (wire === 'sql number' && this.#forgets) actor.told = ''
          actor.told += ` ${isTold ? '' : '?'}${this.#start.id(result)}`
          if (isTold) answer(result)
          else fail(connectionLost())
          return `${describe(result)}${isTold ? '' : ', but the answer is lost'}`
        }
        actor.waiting = { overStore: wire === 'store', perform, fail }
      })
    actor.before = {
      sessions: [...this.sessions.keys()],
      over: [...this.over].sort(),
      newest: Math.max(0, ...this.sessions.values()),
    }
    actor.state = 'running'
    const own = this.#start.instances[this.number(deed.name)] as Instance
    Object.assign(own.wires, { stores: this.stores, step })
    const ended = (answer: Answer) => {
      actor.state = 'done'
      this.answers.push(answer)
      if (answer.kind === 'signed in') this.sessions.set(deed.name, answer.claimed.session.epoch)
      this.#story.push(() => `${deed.name} is answered: ${describeAnswer(answer)}`)
    }
    const crashed = (error: unknown) => {
      this.#crash = { error }
    }
    void act(deed, own, (session) => this.number(session)).then(ended, crashed)
    await this.#quiet()
  }

  #strike(fault: Fault, way: number): void {
    const { stores } = this
    this.#story.push(() => `(${fault})`)
    if (fault === 'store restarted') stores.restarts++
    else this.faulty = true
    if (fault === 'SQL rolled back') stores.account = stores.pastAccounts[way] as Account
    if (fault === 'store rolled back' || fault === 'store emptied') {
      stores.text = fault === 'store emptied' ? null : (stores.pastTexts[way] as string | null)
      stores.restarts++
      for (const actor of this.#actors) {
        if (!actor.waiting?.overStore) continue
        actor.waiting.fail(connectionLost())
        actor.waiting = null
      }
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
