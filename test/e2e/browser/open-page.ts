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

/** Widths, and colours that the reader's system asks for, in which every page has to fit. */
export const LOOKS = [
  [1280, 'light'],
  [1280, 'dark'],
  [400, 'light'],
  [400, 'dark'],
] as const

/**
 * Writes the page of a profile, opens it from disk and hands it over. No page may complain, or ask anybody for anything.
 */
export async function withPage(
  browser: Browser,
  profile: string | Reader,
  use: (page: Page) => Promise<void>,
  options: ReportPageOptions = {},
  screen: Screen = {},
): Promise<void> {
  const base = typeof profile === 'string' ? profile : profile.fileBase
  const path = `${base}.html`
  writeReport(path, profile, { root: dirname(base), ...options })
  await withFile(browser, path, use, screen)
}

/** The same of a page that is there. */
export async function withFile(
  browser: Browser,
  path: string,
  use: (page: Page) => Promise<void>,
  { width = 1280, colours = 'light', complaint }: Screen = {},
): Promise<void> {
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

/** Nothing of the page is wider than the screen. */
export async function expectFitting(page: Page, width: number): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
}

/** The page has the paper of these colours. */
export async function expectColours(page: Page, colours: 'light' | 'dark'): Promise<void> {
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  expect(paper).toBe(colours === 'light' ? 'rgb(255, 255, 255)' : 'rgb(21, 24, 28)')
}
