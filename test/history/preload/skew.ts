/** Loaded into an instance before the program: its clocks, both of them, are wrong by `SKEW_MS` milliseconds. */
const skew = Number(process.env['SKEW_MS'] ?? 0)

const RealDate = Date
const realNow = performance.now.bind(performance)

globalThis.Date = class extends RealDate {
  constructor(...given: ConstructorParameters<DateConstructor> | []) {
    if (given.length === 0) super(RealDate.now() + skew)
    else super(...(given as [number]))
  }

  static override now(): number {
    return RealDate.now() + skew
  }
} as DateConstructor

performance.now = () => realNow() + skew
