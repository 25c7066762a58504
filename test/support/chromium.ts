import { type Browser, chromium } from 'playwright-core'
import { describe } from 'vitest'
import { browserPath } from './browser.js'

const REMEDY = 'apt-get install chromium-headless-shell, or name a browser with HEAPPROOF_BROWSER'
const isSkipped = browserPath === undefined && !process.env.CI

if (isSkipped) console.warn(`No Chromium: the tests of pages are skipped. ${REMEDY}`)

/** Tests that need a browser: skipped where there is none, save in CI, where they fail. */
export const describeInBrowser: typeof describe.skip = isSkipped ? describe.skip : describe

/** Starts a browser without a window. */
export async function launch(): Promise<Browser> {
  if (browserPath === undefined) throw new Error(`no Chromium: ${REMEDY}`)
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [] // Chromium refuses to be run by root otherwise
  return await chromium.launch({ executablePath: browserPath, args })
}
