import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeInBrowser, launch } from '../../support/chromium.js'
import { logFolder } from '../../support/log-builder.js'
import { answer, expectColours, expectFitting, LOOKS, settled, withPage } from './open-page.js'
import { knownRecording } from './recording.js'

describeInBrowser('the report page', () => {
  const folder = logFolder()
  let browser: Browser
  let base: string

  beforeAll(async () => {
    browser = await launch()
    base = knownRecording(folder.base('feed'))
  })
  afterAll(async () => {
    await browser?.close()
    folder.remove()
  })

  const choose = (page: Page, measure: string) => page.check(`input[value="${measure}"]`, { force: true })
  const thumb = (page: Page, end: 'Start' | 'End') => page.getByRole('slider', { name: `${end} of the span` })
  /** Where a time is on the plot. */
  const at = async (page: Page, seconds: number) => {
    const [left, right] = await Promise.all([
      thumb(page, 'Start').boundingBox(),
      thumb(page, 'End').boundingBox(),
    ])
    const [from, to] = [left, right].map((box) => (box?.x ?? 0) + (box?.width ?? 0) / 2) as [number, number]
    return { x: from + (to - from) * seconds, y: (left?.y ?? 0) + 20 }
  }
  /** The rows of the table of lines: self and function. */
  const rows = async (page: Page) => {
    await settled(page)
    return await page.$$eval('#view-lines tbody tr', (list) =>
      list.map(
        (row) => `${row.querySelector('td')?.textContent} ${row.querySelector('button')?.textContent}`,
      ),
    )
  }

  test('says what the whole recording was, and each kind of bytes of it', async () => {
    await withPage(browser, base, async (page) => {
      expect(await page.textContent('.facts')).toMatch(/Allocated7 MBexact: 3 MB heap, 4 MB array buffers/)
      expect(await page.textContent('.facts')).toMatch(/Peak5 MBlive at 0.29 s/)
      expect(await answer(page)).toMatch(/^7 MB allocated from 0 s to 1 s, in 12 allocations/)
      for (const [measure, expected] of [
        ['temporary', /^4.5 MB allocated and freed from 0 s to 1 s/],
        ['retained', /^2.5 MB allocated, and live at the end/],
        ['live', /^2.5 MB live at 1 s/],
        ['change', /^\+2.5 MB live from 0 s to 1 s: 0 B then, 2.5 MB at its end/],
      ] as const) {
        await choose(page, measure)
        expect(await answer(page)).toMatch(expected)
      }
      await choose(page, 'allocated')
      await page.selectOption('#domain', { label: 'array buffers' })
      expect(await answer(page)).toMatch(/^4 MB allocated/)
    })
  })

  test('the slider follows the keys, and everything follows the slider', async () => {
    await withPage(browser, base, async (page) => {
      await page.click('#tab-lines')
      expect(await rows(page)).toEqual(['4 MB readAll', '2 MB set', '1 MB parseRow', '0 B main'])
      await thumb(page, 'End').focus()
      for (let press = 0; press < 8; press++) await page.keyboard.press('PageDown')
      await settled(page)
      expect(await thumb(page, 'End').getAttribute('aria-valuetext')).toBe('0.6 s')
      expect(await answer(page)).toMatch(/^5 MB allocated from 0 s to 0.6 s, in 11 allocations/)
      expect(await rows(page)).toEqual(['4 MB readAll', '1 MB parseRow', '0 B main'])
      await choose(page, 'retained')
      expect(await answer(page)).toMatch(/^500 kB allocated, and live at the end, from 0 s to 0.6 s/)
      await thumb(page, 'End').focus()
      await page.keyboard.press('ArrowLeft') // before the collection that freed the buffers
      expect(await answer(page)).toMatch(/^4.5 MB /)
      await page.keyboard.press('Home')
      await settled(page)
      expect(await thumb(page, 'End').getAttribute('aria-valuenow')).toBe('1')
      await page.keyboard.press('End')
      await thumb(page, 'Start').focus()
      for (let press = 0; press < 13; press++) await page.keyboard.press('PageUp')
      await choose(page, 'change')
      expect(await answer(page)).toMatch(/^\+2 MB live from 0.65 s to 1 s: 500 kB then, 2.5 MB at its end/)
    })
  })

  test('a drag over the plot chooses a span, a click a moment; zoom shows the span alone', async () => {
    await withPage(browser, base, async (page) => {
      const [from, to] = [await at(page, 0.15), await at(page, 0.4)]
      await page.mouse.move(from.x, from.y)
      await page.mouse.down()
      await page.mouse.move((from.x + to.x) / 2, from.y)
      await page.mouse.move(to.x, to.y)
      await page.mouse.up()
      expect(await answer(page)).toMatch(
        /^1 MB allocated from 0.1[45]\d* s to 0.(4|39\d*|40\d) s, in 10 allocations/,
      )
      await page.click('#zoom')
      await page.waitForSelector('#unzoom:enabled')
      const labels = await page.$$eval('#plot text', (texts) => texts.map((text) => text.textContent))
      expect(labels).toContain('0.2 s')
      expect(labels).not.toContain('0.8 s')
      await page.click('#unzoom')
      await page.click('#whole')
      const moment = await at(page, 0.55)
      await page.mouse.click(moment.x, moment.y)
      expect(await answer(page)).toMatch(/^4.5 MB live at 0.5[45]\d* s/)
      await page.click('#peak')
      expect(await answer(page)).toMatch(/^5 MB live at 0.29 s/)
    })
  })

  test('a thumb can be dragged', async () => {
    await withPage(browser, base, async (page) => {
      const [start, goal] = [await at(page, 1), await at(page, 0.15)]
      await page.mouse.move(start.x, start.y)
      await page.mouse.down()
      await page.mouse.move(goal.x, goal.y, { steps: 4 })
      await page.mouse.up()
      expect(await answer(page)).toMatch(/^4 MB allocated/)
    })
  })

  test('a pointer over the plot reads what was live and collected', async () => {
    await withPage(browser, base, async (page) => {
      const place = await at(page, 0.6)
      await page.mouse.move(place.x, place.y)
      const tip = page.locator('#plot .tip')
      expect(await tip.textContent()).toMatch(/^0.6 s: 500 kB live/)
      expect(await tip.textContent()).toMatch(/0 minor, 1 major collections, 5.6 ms/)
      await page.mouse.move(place.x, place.y + 400)
      await tip.waitFor({ state: 'hidden' })
    })
  })

  test('the flame graph: hover, zoom, search, keys, inverted', async () => {
    await withPage(browser, base, async (page) => {
      const canvas = page.locator('#flame canvas')
      const chosen = page.locator('#chosen')
      const tip = page.locator('#flame .tip')
      await canvas.hover({ position: { x: 200, y: 50 } }) // the third row: what main calls
      expect(await tip.textContent()).toMatch(/^readAll\/app\/src\/feed.js:34 MB, 57 %$/)
      await canvas.click({ position: { x: 200, y: 50 } })
      expect(await chosen.textContent()).toMatch(/^readAll/)
      await canvas.hover({ position: { x: 1150, y: 50 } }) // zoomed: it is as wide as the graph
      expect(await tip.textContent()).toMatch(/^readAll/)
      await page.click('#flame-out')
      await page.getByRole('application').focus()
      await page.keyboard.press('ArrowDown')
      expect(await chosen.textContent()).toMatch(/^main/)
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowRight')
      expect(await chosen.textContent()).toMatch(/^set\/app\/node_modules\/cache\/index.js:142 MB, 29 %/)
      const box = await canvas.boundingBox()
      const look = (x: number, y: number) =>
        page.screenshot({ clip: { x: (box?.x ?? 0) + x, y: (box?.y ?? 0) + y, width: 8, height: 4 } })
      const before = await look(1000, 52)
      await page.fill('#search', 'CACHE/index')
      await settled(page)
      expect((await look(1000, 52)).equals(before)).toBe(false)
      await page.fill('#search', '')
      await page.check('#inverted')
      await settled(page)
      await canvas.hover({ position: { x: 200, y: 30 } })
      expect(await tip.textContent()).toMatch(/^readAll/)
      await page.check('#inner')
      await settled(page)
      await canvas.hover({ position: { x: 900, y: 30 } })
      expect(await tip.textContent()).toMatch(/^Map3 MB, 43 %$/)
    })
  })

  test('the table is sorted and filtered, and leads to callers and callees', async () => {
    await withPage(browser, base, async (page) => {
      await page.click('#tab-lines')
      await page.click('th button:has-text("total")')
      expect((await rows(page))[0]).toBe('0 B main')
      expect(await page.getAttribute('th:has(button:has-text("total"))', 'aria-sort')).toBe('descending')
      await page.click('th button:has-text("total")')
      expect((await rows(page))[0]).toBe('1 MB parseRow')
      await page.fill('#search', 'feed.js')
      await settled(page)
      expect((await rows(page)).join()).not.toContain('set')
      await page.fill('#search', 'nothing of that kind')
      await settled(page)
      expect(await page.textContent('#view-lines')).toContain('No line has any.')
      await page.fill('#search', '')
      await page.click('button.name:has-text("main")')
      await settled(page)
      const line = page.locator('#view-line')
      expect(await line.textContent()).toContain('7 MB at it and in what it calls')
      expect(await line.locator('section').nth(0).textContent()).toContain(
        'nothing: it is where the stack begins',
      )
      const calls = await line
        .locator('section')
        .nth(1)
        .locator('tbody tr')
        .evaluateAll((list) =>
          list.map(({ children }) => {
            const [size, share, what] = children
            return `${size?.textContent}, ${share?.textContent}: ${what?.querySelector('button')?.textContent}`
          }),
        )
      expect(calls).toEqual(['4 MB, 57 %: readAll', '2 MB, 29 %: set', '1 MB, 14 %: parseRow'])
      await line.locator('button:has-text("parseRow")').click()
      await settled(page)
      expect(await line.textContent()).toContain('nothing: it allocates itself')
    })
  })

  test('the flow graph has a box for each line, which leads to it', async () => {
    await withPage(browser, base, async (page) => {
      await page.click('#tab-flow')
      await settled(page)
      const boxes = page.locator('#view-flow a')
      expect(await boxes.count()).toBe(4)
      expect(await boxes.nth(0).getAttribute('aria-label')).toBe('main  feed.js:40, 0 B / 7 MB = 100 %')
      expect(await page.locator('#view-flow').innerHTML()).toContain('calls itself: 1 MB')
      await boxes.nth(1).focus()
      await page.keyboard.press('Enter')
      await settled(page)
      expect(await page.locator('#view-line h3').textContent()).toBe('readAll')
    })
  })

  test('can be gone through with the keyboard alone', async () => {
    await withPage(browser, base, async (page) => {
      const seen: string[] = []
      for (let press = 0; press < 11; press++) {
        await page.keyboard.press('Tab')
        const focused = await page.evaluate(() => {
          const { id, role, textContent, ariaLabel } = document.activeElement as HTMLInputElement
          return id || ariaLabel || `${role} ${textContent}`
        })
        expect(await page.evaluate(() => document.activeElement?.matches(':focus-visible'))).toBe(true)
        seen.push(focused)
      }
      expect(seen.slice(0, 3)).toEqual(['peak', 'Start of the span', 'End of the span'])
      expect(seen).toContain('search')
      expect(seen).toContain('tab-flame')
      await page.focus('#tab-flame')
      await page.keyboard.press('ArrowRight')
      await settled(page)
      expect(await page.getAttribute('#tab-lines', 'aria-selected')).toBe('true')
      expect(await page.isVisible('#view-lines')).toBe(true)
      expect(await page.isVisible('#view-flame')).toBe(false)
    })
  })

  test('runs nothing but its own script, and asks nobody', async () => {
    const intrude = async (page: Page) => {
      const refused = await page.evaluate(async () => {
        const all: string[] = []
        document.addEventListener('securitypolicyviolation', (event) => all.push(event.effectiveDirective))
        const script = document.createElement('script')
        script.textContent = 'window.taken = true'
        document.body.append(script)
        await new Promise((done) => setTimeout(done, 50))
        return { all, taken: 'taken' in window }
      })
      expect(refused).toEqual({ all: ['script-src-elem'], taken: false })
    }
    await withPage(browser, base, intrude, {}, { complaint: /Content Security Policy/ })
  })

  test.each(LOOKS)('fits %i pixels, in the colours of a %s screen', async (width, colours) => {
    await withPage(
      browser,
      base,
      async (page) => {
        for (const view of ['flame', 'lines', 'flow', 'line']) {
          await page.click(`#tab-${view}`)
          await settled(page)
          await expectFitting(page, width)
        }
        await expectColours(page, colours)
      },
      {},
      { width, colours },
    )
  })
})
