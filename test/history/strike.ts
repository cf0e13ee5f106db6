import { type Fault, pause } from './fault.ts'
import type { Window } from './history.ts'
import type { World } from './world.ts'

/** Has it strike again and again, until there is enough. */
export async function strikeUntil(
  fault: Fault,
  world: World,
  random: () => number,
  windows: Window[],
  enough: () => boolean,
): Promise<void> {
  while (fault.strike !== undefined && !enough()) {
    await pause(700 + random() * 800)
    await strikeOnce(fault, world, random, windows)
  }
}

/** Has each strike once. */
export async function strikeInTurn(
  faults: readonly Fault[],
  world: World,
  random: () => number,
  windows: Window[],
): Promise<void> {
  for (const fault of faults) {
    await pause(400 + random() * 200)
    await strikeOnce(fault, world, random, windows)
  }
}

async function strikeOnce(
  { strike, sqlAway }: Fault,
  world: World,
  random: () => number,
  windows: Window[],
): Promise<void> {
  const from = performance.now()
  try {
    await strike?.(world, random)
  } finally {
    const window = { from, to: performance.now() }
    windows.push(window)
    if (sqlAway) world.sqlAway.push(window)
  }
}
