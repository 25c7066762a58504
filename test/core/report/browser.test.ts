import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { writePage } from '../../../src/core/report/html/write-page.js'
import { Browser, browserPath } from '../../support/browser.js'
import { describeInBrowser } from '../../support/chromium.js'
import { folderWith } from '../../support/command-line.js'
import { FULL, outcome, site, summaryOf } from './outcomes.js'

const outcomes = [
  ...FULL,
  outcome('</script><script>document.title = "taken over"</script>'),
  outcome('<img src="x" onerror="document.title = `taken over`">', { sites: [site({ function: '<b>' })] }),
  outcome(`a-name-without-a-place-to-break-it-${'x'.repeat(400)}`, { peak: 1 }),
]

/** Writes the page and hands it to a browser. */
async function withPage(use: (browser: Browser, url: string) => Promise<void>): Promise<void> {
  const root = folderWith()
  const home = join(root, '.heapproof')
  writePage(home, summaryOf(outcomes), { root, now: new Date() })
  const browser = await Browser.start(browserPath as string)
  try {
    await use(browser, pathToFileURL(join(home, 'index.html')).href)
    expect(browser.complaints).toEqual([])
  } finally {
    await browser.close()
  }
}

describeInBrowser('the page in Chromium', () => {
  test('fits a wide window and a phone, in the colours of the screen', async () => {
    await withPage(async (browser, url) => {
      const papers = new Set<string>()
      for (const width of [1280, 400]) {
        for (const colours of ['light', 'dark'] as const) {
          await browser.resize(width, 900, colours)
          await browser.open(url)
          await browser.evaluate('for (const each of document.querySelectorAll("details")) each.open = true')
          expect(await browser.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
            width,
          )
          expect(await browser.evaluate('document.title')).toMatch(/^Memory of the tests of /)
          papers.add(
            `${colours} ${await browser.evaluate('getComputedStyle(document.body).backgroundColor')}`,
          )
        }
      }
      expect([...papers]).toEqual(['light rgb(255, 255, 255)', 'dark rgb(21, 24, 28)'])
    })
  })

  test('can be read with the keyboard', async () => {
    await withPage(async (browser, url) => {
      await browser.resize(1280, 900, 'light')
      await browser.open(url)
      const focused = () => browser.evaluate<string>('document.activeElement.textContent.trim()')
      const seen: string[] = []
      for (let number = 0; number < 5; number++) {
        await browser.press('Tab', 9)
        seen.push(await focused())
      }
      expect(seen.slice(0, 4)).toEqual(['Limits', 'Tests', 'Lines', 'Not measured'])
      expect(seen[4]).toContain('imports > a large feed')
      expect(await browser.evaluate('document.activeElement.matches(":focus-visible")')).toBe(true)
      await browser.press('Enter', 13)
      expect(await browser.evaluate('document.activeElement.parentElement.open')).toBe(true)
    })
  })
})
