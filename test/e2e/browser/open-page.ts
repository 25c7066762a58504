import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { type ReportPageOptions, writeReport } from '../../../src/core/page/write-report.js'
import type { Reader } from '../../../src/core/reader.js'

export interface Screen {
  readonly width?: number
  readonly colours?: 'light' | 'dark'
  /** What the browser says, when it is to say something. */
  readonly complaint?: RegExp
}

/**
 * Writes the page of a profile, opens it from disk and hands it over. No page may complain, or ask anybody for anything.
 */
export async function withPage(
  browser: Browser,
  profile: string | Reader,
  use: (page: Page) => Promise<void>,
  options: ReportPageOptions = {},
  { width = 1280, colours = 'light', complaint }: Screen = {},
): Promise<void> {
  const base = typeof profile === 'string' ? profile : profile.fileBase
  const path = `${base}.html`
  writeReport(path, profile, { root: dirname(base), ...options })
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: colours })
  const complaints: string[] = []
  const requests: string[] = []
  try {
    const page = await context.newPage()
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(pathToFileURL(path).href)
    await page.waitForSelector('#app:not([hidden])')
    await use(page)
    if (complaint === undefined) expect(complaints).toEqual([])
    else expect(complaints).toEqual([expect.stringMatching(complaint)])
    expect(requests).toEqual([pathToFileURL(path).href])
  } finally {
    await context.close()
  }
}

/** The sentence that says what is shown. */
export async function answer(page: Page): Promise<string> {
  await settled(page)
  return (await page.textContent('#answer')) ?? ''
}

/** Waits until what was asked for is drawn. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
}
