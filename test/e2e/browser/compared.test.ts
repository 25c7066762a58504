import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeInBrowser, launch } from '../../support/chromium.js'
import { LogBuilder, logFolder } from '../../support/log-builder.js'
import { answer, settled, withPage } from './open-page.js'
import { knownRecording } from './recording.js'

describeInBrowser('the page of two profiles', () => {
  const folder = logFolder()
  let browser: Browser

  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    folder.remove()
  })

  test('says what grew and what shrank', async () => {
    const against = knownRecording(folder.base('before'))
    const builder = new LogBuilder()
    const added = builder.trace([
      { function: 'added', url: 'file:///app/src/added.js', line: 2 },
      { function: 'main', url: 'file:///app/src/feed.js', line: 40 },
    ])
    const parse = builder.trace([
      { function: 'parseRow', url: 'file:///app/src/feed.js', line: 12 },
      { function: 'main', url: 'file:///app/src/feed.js', line: 40 },
    ])
    builder.events.sampling(0, 'heap', 0)
    builder.events.alloc(100_000, added, 3e6).alloc(1_500_000, parse, 400_000)
    builder.events.end(2_000_000, '')
    const base = builder.write(folder.base('after'))
    await withPage(
      browser,
      base,
      async (page) => {
        expect(await page.textContent('h1')).toBe('Memory of after against before')
        expect(await answer(page)).toMatch(/^−3.6 MB allocated from 0 s to 2 s: 7 MB before, 3.4 MB now/)
        expect(await page.locator('input[value=change]').count()).toBe(0)
        expect(await page.textContent('#legend')).toContain('before')
        await page.click('#tab-lines')
        await settled(page)
        const rows = await page.$$eval('#view-lines tbody tr', (list) =>
          list.map(
            (row) =>
              `${row.querySelector('button')?.textContent} ${row.querySelector('td')?.textContent} ${row.querySelector('td')?.className}`,
          ),
        )
        expect(rows).toEqual([
          'added +3 MB number grew',
          'main 0 B number',
          'parseRow −600 kB number shrank',
          'set −2 MB number shrank',
          'readAll −4 MB number shrank',
        ])
        await page.click('#tab-flow')
        await settled(page)
        expect(await page.locator('#view-flow a').first().getAttribute('aria-label')).toMatch(
          /main .*0 B \/ −3.6 MB$/,
        )
        await page.click('#tab-flame')
        await settled(page)
        await page.hover('#flame canvas', { position: { x: 100, y: 50 } })
        expect(await page.textContent('#flame .tip')).toMatch(/readAll.*−4 MB: 4 MB before, 0 B after$/)
        await page.getByRole('slider', { name: 'End of the span' }).focus()
        for (let press = 0; press < 12; press++) await page.keyboard.press('PageDown') // 0.8 s of both
        expect(await answer(page)).toMatch(/^−4 MB allocated from 0 s to 0.8 s: 7 MB before, 3 MB now/)
      },
      { against },
    )
  })
})
