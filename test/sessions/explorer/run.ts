import { type Answer, act, type Instance, numberOf } from './actor.ts'
import type { Fault, Plan, Scenario } from './scenario.ts'
import { FIRST, type Start } from './start.ts'
import { connectionLost, type Scheduled, type Stores } from './stores.ts'
import { describeAnswer, describeStep } from './story.ts'

/** A command that an actor has sent and that has not had its turn yet. */
type Waiting = { overStore: boolean; perform: (told: boolean) => string; fail: (error: Error) => void }

/** How things stood when an actor began: who was signed in, who was over, the highest number of an answered login. */
type Before = { sessions: readonly string[]; over: readonly string[]; newest: number }

type Actor = {
  plan: Plan
  state: 'not started' | 'running' | 'done'
  before: Before
  waiting: Waiting | null
  faultsLeft: Fault[]
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
      faultsLeft: plan.kind === 'fault' ? [...plan.steps] : [],
      told: '',
    }))
  }

  /** What can happen next: the turn of an actor (even), or its turn with the answer lost (odd). */
  choices(): number[] {
    return this.#actors.flatMap((actor, i) => {
      if (!this.#isReady(actor)) return []
      const canLose = this.scenario.losesAnswer === true && !this.faulty && actor.waiting?.overStore
      return canLose ? [i * 2, i * 2 + 1] : [i * 2]
    })
  }

  async take(choice: number): Promise<void> {
    const actor = this.#actors[choice >> 1] as Actor
    if (actor.plan.kind === 'fault') {
      this.#strike(actor.faultsLeft.shift() as Fault)
      return this.#quiet()
    }
    if (actor.state === 'not started') await this.#begin(actor, actor.plan)
    const { perform } = actor.waiting as Waiting
    actor.waiting = null
    const isTold = choice % 2 === 0
    this.faulty ||= !isTold
    const line = perform(isTold)
    this.#story.push(() => `${actor.plan.name} ${describeStep(line, (number) => this.#nameOf(number))}`)
    return this.#quiet()
  }

  /** Runs with equal keys go on in the same ways, and the same will be right or wrong about them. */
  key(): string {
    const { text, account, restarts, textBackup, accountBackup } = this.stores
    const { id } = this.#start
    const shared = [
      ...[id(text), account.epoch, restarts],
      ...[id(textBackup), accountBackup.epoch, this.faulty],
    ]
    const actors = this.#actors.map(({ state, told, faultsLeft, before }) =>
      [state, told, faultsLeft.length, before.sessions, before.over, before.newest].join('|'),
    )
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

  #isReady({ plan, state, faultsLeft }: Actor): boolean {
    if (plan.kind === 'fault') {
      const isCalm = this.#actors.every((actor) => actor.state !== 'running')
      return faultsLeft.length > 0 && (isCalm || faultsLeft[0] !== 'restart store in peace')
    }
    if (state !== 'not started') return state === 'running'
    return !('of' in plan) || this.sessions.has(plan.of)
  }

  async #begin(actor: Actor, deed: Exclude<Plan, { kind: 'fault' }>): Promise<void> {
    const step: Scheduled = (wire, effect, describe) =>
      new Promise((answer, fail) => {
        const perform = (isTold: boolean) => {
          const result = effect()
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

  #strike(fault: Fault): void {
    const { stores } = this
    this.#story.push(() => `(${fault})`)
    if (fault === 'back up store') stores.textBackup = stores.text
    if (fault === 'back up sql') stores.accountBackup = stores.account
    if (fault === 'restart store in peace') stores.restarts++
    if (fault === 'restore sql') {
      this.faulty = true
      stores.account = stores.accountBackup
    }
    if (fault === 'restart store') {
      this.faulty = true
      stores.text = stores.textBackup
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
