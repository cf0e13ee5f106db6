import type { Frame, Page } from 'puppeteer-core'

/** Waits until a page shows this text. */
export function shows(page: Page | Frame, text: string) {
  return page.waitForSelector(`::-p-text(${text})`, { timeout: 20_000 })
}

/** Presses the button of this name. Not by the mouse, which reaches only what is in front and on the screen. */
export async function press(page: Page | Frame, name: string): Promise<void> {
  const path = `::-p-xpath(//button[normalize-space()="${name}"])`
  const button = await page.waitForSelector(path, { timeout: 20_000 })
  await button?.evaluate((element) => (element as unknown as { click(): void }).click())
}
